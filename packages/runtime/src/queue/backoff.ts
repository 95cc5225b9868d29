/** Per-key exponential back-off. */
export interface Backoff {
  /** The next delay of a key in milliseconds; counts as one failure. */
  next(key: string): number;
  /** Failures since the last `forget`. */
  failures(key: string): number;
  forget(key: string): void;
}

/** `min(max, min × 2^failures)` without jitter (RTM-168). Holds one number per failing key. */
export function exponentialBackoff(minMs: number, maxMs: number): Backoff {
  const failures = new Map<string, number>();
  return {
    next(key) {
      const count = failures.get(key) ?? 0;
      failures.set(key, count + 1);
      return Math.min(maxMs, minMs * 2 ** Math.min(count, 1000));
    },
    failures: (key) => failures.get(key) ?? 0,
    forget: (key) => void failures.delete(key),
  };
}
