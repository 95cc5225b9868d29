import { setTimeout as sleep } from 'node:timers/promises';

/** A signal that is aborted when time is up, when `outer` is, and by `end`. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** True when it was time that ran out. */
  expired(): boolean;
  end(): void;
}

export function createDeadline(timeoutMs: number, outer?: AbortSignal): Deadline {
  const own = new AbortController();
  let isExpired = false;
  const timer = setTimeout(() => {
    isExpired = true;
    own.abort(new Error('time is up'));
  }, timeoutMs);
  const forward = () => own.abort(outer?.reason);
  if (outer?.aborted) forward();
  else outer?.addEventListener('abort', forward, { once: true });
  return {
    signal: own.signal,
    expired: () => isExpired,
    end() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', forward);
      own.abort(new Error('ended'));
    },
  };
}

/** Resolves after `ms`, or as soon as `signal` is aborted. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
