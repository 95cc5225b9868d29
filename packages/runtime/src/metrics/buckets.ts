/** `count` bounds growing exponentially from `min` to `max`, both included. */
export function exponentialRange(min: number, max: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => min * (max / min) ** (i / (count - 1)));
}

/** `count` bounds: start, start×factor, … */
export function exponential(start: number, factor: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => start * factor ** i);
}

/** 0.01 s to 30 min in ten steps (RTM-452). */
export const reconcileDurationBuckets = exponentialRange(0.01, 1800, 10);

/** 5 ms to 60 s (RTM-467). */
export const reconcileTimeBuckets = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 1.75, 2,
  2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
];

/** 10 ns to 1000 s (RTM-472). */
export const queueBuckets = Array.from({ length: 12 }, (_, i) => Number(`1e${i - 8}`));
