/**
 * `ms` spread uniformly over `[ms×(1−p), ms×(1+p)]` with p in percent; 0 stays 0 (RTM-205, RTM-520).
 *
 * @param random a number in [0, 1)
 */
export function jittered(ms: number, percent: number, random: () => number = Math.random): number {
  if (ms <= 0 || percent <= 0) return ms;
  return ms * (1 + (percent / 100) * (2 * random() - 1));
}

/** Throws RangeError unless the percentage is non-negative and below 100 (RTM-206). */
export function checkJitterPercentage(percent: number): void {
  if (!(percent >= 0 && percent < 100))
    throw new RangeError(`interval jitter must be a non-negative percentage below 100, not ${percent}`);
}
