/** The optional client-side limit: a bucket of `burst` tokens that fills with `qps` tokens a second. */
import { pause } from './deadline.ts';

/** Resolves when the request may be sent. */
export type RateLimiter = (signal: AbortSignal) => Promise<void> | void;

/** @returns undefined when there is no limit: `qps` absent or not positive. */
export function rateLimiter(qps: number | undefined, burst = qps): RateLimiter | undefined {
  if (!qps || qps <= 0) return undefined;
  const size = Math.max(1, burst ?? 1);
  let tokens = size;
  let filledAt = performance.now();
  return (signal) => {
    const now = performance.now();
    tokens = Math.min(size, tokens + ((now - filledAt) / 1000) * qps) - 1;
    filledAt = now;
    // A debt is a place in the queue: whoever comes later waits longer.
    return tokens >= 0 ? undefined : pause((-tokens / qps) * 1000, signal);
  };
}
