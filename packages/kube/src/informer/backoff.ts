/** Waiting times between attempts: doubling, spread at random so that many watchers do not come back at once. */

/** Bounds of the waiting times in milliseconds. */
export interface BackoffOptions {
  /** Default 800. */
  initialMs?: number;
  /** Default 10_000: an API server that comes back is noticed soon, and a watch costs it little. */
  maxMs?: number;
}

/** Waiting times of one series of attempts. */
export interface Backoff {
  /** The next waiting time in milliseconds. */
  next(): number;
  /** Things work again: start over. */
  reset(): void;
}

export function createBackoff({ initialMs = 800, maxMs = 10_000 }: BackoffOptions = {}): Backoff {
  let base = initialMs;
  return {
    next() {
      const wait = Math.min(maxMs, base * (1 + Math.random()));
      base = Math.min(maxMs, base * 2);
      return wait;
    },
    reset() {
      base = initialMs;
    },
  };
}
