/** Deliveries wait here; beyond it the newest are dropped. */
const capacity = 2000;
/** Deliveries at the same time. */
const lanes = 8;

/** Runs deliveries beside the reconciles: in order per key, bounded, a few keys at a time. */
export interface OrderedDelivery {
  /** False when it was dropped because too much is waiting. */
  push(key: string, deliver: () => Promise<void>): boolean;
  /** Resolves when nothing waits or runs any more, or when the signal aborts. */
  drain(signal?: AbortSignal): Promise<void>;
}

/** `deliver` functions must not reject. */
export function createOrderedDelivery(): OrderedDelivery {
  const queues = new Map<string, (() => Promise<void>)[]>();
  const ready: string[] = [];
  let waiting = 0;
  let running = 0;
  const idle: (() => void)[] = [];

  function pump(): void {
    while (running < lanes && ready.length > 0) {
      const key = ready.shift()!;
      const deliver = queues.get(key)!.shift()!;
      waiting--;
      running++;
      void deliver().finally(() => {
        running--;
        if (queues.get(key)!.length > 0) ready.push(key);
        else queues.delete(key);
        if (running === 0 && waiting === 0) idle.splice(0).forEach((resolve) => resolve());
        pump();
      });
    }
  }

  return {
    push(key, deliver) {
      if (waiting >= capacity) return false;
      waiting++;
      const queue = queues.get(key);
      if (queue) queue.push(deliver);
      else {
        queues.set(key, [deliver]);
        ready.push(key);
      }
      pump();
      return true;
    },
    drain(signal) {
      if (running === 0 && waiting === 0) return Promise.resolve();
      return new Promise((resolve) => {
        idle.push(resolve);
        signal?.addEventListener('abort', () => resolve(), { once: true });
        if (signal?.aborted) resolve();
      });
    },
  };
}
