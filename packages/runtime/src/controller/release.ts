import type { Slots } from '../queue/slots.ts';
import type { Clock } from '../time/clock.ts';
import type { ReleaseOptions } from './context.ts';
import { Interrupted } from './outcome.ts';

/** The waits of one run: gives the worker slot back while they are pending. */
export interface Waits {
  /** See `ReconcileContext.release`. */
  release<R>(wait: (signal: AbortSignal) => Promise<R>, options?: ReleaseOptions): Promise<R>;
  /** The object was enqueued again because of `trigger`; only the first trigger counts (RTM-238). */
  trigger(trigger: string): void;
  /** The object is being deleted: whatever is waited for has lost its purpose. */
  end(trigger: string): void;
  /** Whether it has come to that. */
  readonly ended: boolean;
}

/** @param shutdown aborts when the process ends */
export function createWaits(slots: Slots, shutdown: AbortSignal, clock: Clock, onTimeout: () => void): Waits {
  let trigger: string | undefined;
  let ended: string | undefined;
  let pending = 0;
  /** Whether the run has its slot; while it has none, it may be in line for one. */
  let held = true;
  let inLine: Promise<void> | undefined;
  const interruptible = new Set<AbortController>();
  const all = new Set<AbortController>();

  function letGo(): void {
    if (!held) return;
    held = false;
    slots.give();
  }

  function retake(): Promise<void> {
    inLine ??= slots.take().then(() => {
      inLine = undefined;
      held = true;
      // Another branch of the run has begun to wait in the meantime; the last one to end takes the slot.
      if (pending > 0) letGo();
    });
    return inLine;
  }

  return {
    trigger(cause) {
      if (trigger !== undefined) return;
      trigger = cause;
      for (const controller of interruptible) controller.abort(new Interrupted(cause));
    },
    get ended() {
      return ended !== undefined;
    },
    end(cause) {
      ended ??= cause;
      for (const controller of all) controller.abort(new Interrupted(ended));
    },
    async release(wait, options = {}) {
      shutdown.throwIfAborted();
      if (ended !== undefined) throw new Interrupted(ended);
      if (options.interruptible && trigger !== undefined) throw new Interrupted(trigger);
      const controller = new AbortController();
      const onShutdown = () => controller.abort(shutdown.reason);
      shutdown.addEventListener('abort', onShutdown, { once: true });
      all.add(controller);
      if (options.interruptible) interruptible.add(controller);
      const { timeoutMs } = options;
      const cancelTimer =
        timeoutMs === undefined
          ? undefined
          : clock.after(timeoutMs, () => {
              onTimeout();
              controller.abort(new DOMException(`timed out after ${timeoutMs} ms`, 'TimeoutError'));
            });
      // Several waits of one run share its one slot.
      pending++;
      letGo();
      try {
        return await wait(controller.signal);
      } catch (error) {
        throw reasonOf(error, controller.signal);
      } finally {
        cancelTimer?.();
        all.delete(controller);
        interruptible.delete(controller);
        shutdown.removeEventListener('abort', onShutdown);
        if (--pending === 0) await retake();
      }
    },
  };
}

/** At a deadline what the wait itself has to say is worth more than "timed out". */
function reasonOf(error: unknown, signal: AbortSignal): unknown {
  if (!signal.aborted) return error;
  const isTimeout = signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError';
  const isBareAbort = error instanceof Error && error.name === 'AbortError';
  return isTimeout && !isBareAbort ? error : signal.reason;
}
