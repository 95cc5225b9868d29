/** One signal for everything that can end a call. */

/** A signal and its clean-up. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Whether time ran out, rather than the caller cancelling. */
  readonly passed: boolean;
  /** Milliseconds left; Infinity without a deadline. */
  left(): number;
  /** Ends the work now, for a reason of its own. */
  abort(): void;
  /** Lets go of the timer and of the caller's signal. Must be called when the work is done. */
  end(): void;
}

/**
 * Joins the caller's signal with a time limit. Unlike `AbortSignal.any` it leaves nothing behind on a signal that
 * lives as long as the process.
 * @param ms time limit in milliseconds; undefined: none.
 */
export function deadline(outer: AbortSignal | undefined, ms: number | undefined): Deadline {
  const controller = new AbortController();
  const until = ms === undefined ? Infinity : performance.now() + ms;
  let passed = false;
  const cancel = () => controller.abort(outer?.reason);
  if (outer?.aborted) cancel();
  else outer?.addEventListener('abort', cancel, { once: true });
  const timer =
    ms === undefined
      ? undefined
      : setTimeout(() => {
          passed = true;
          controller.abort(new DOMException('the deadline passed', 'TimeoutError'));
        }, ms);
  return {
    signal: controller.signal,
    get passed() {
      return passed;
    },
    left: () => until - performance.now(),
    abort: () => controller.abort(),
    end() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', cancel);
    },
  };
}

/** Waits `ms` milliseconds; throws the signal's reason when it is aborted before. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const cancel = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', cancel);
      resolve();
    }, ms);
    signal.addEventListener('abort', cancel, { once: true });
  });
}

/** Stops waiting, without stopping what others wait for too. Throws the signal's reason. */
export async function abortable<T>(work: Promise<T> | T, signal?: AbortSignal): Promise<T> {
  if (!signal || !(work instanceof Promise)) {
    signal?.throwIfAborted();
    return work;
  }
  // Whoever gave up does not hear of a failure any more.
  work.catch(() => {});
  signal.throwIfAborted();
  let cancel: (() => void) | undefined;
  const cancelled = new Promise<never>((_, reject) => {
    cancel = () => reject(signal.reason);
    signal.addEventListener('abort', cancel, { once: true });
  });
  try {
    return await Promise.race([work, cancelled]);
  } finally {
    if (cancel) signal.removeEventListener('abort', cancel);
  }
}
