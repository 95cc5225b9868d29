import { systemClock, type Clock } from '../time/clock.ts';
import type { Backoff } from './backoff.ts';
import { createSlots, type Slots } from './slots.ts';

/** What a finished piece of work asks of the queue. */
export type Next =
  /** Nothing more to do: failures are forgotten, a pending timer is dropped. */
  | { kind: 'done' }
  /** Again after exactly this time; failures are forgotten. */
  | { kind: 'after'; ms: number }
  /** Again at once; failures are forgotten. */
  | { kind: 'again' }
  /** Again after the key's back-off. */
  | { kind: 'backoff' };

/** Told about everything the queue does; for metrics. */
export interface QueueObserver {
  added?(): void;
  retried?(): void;
  /** Work begins, after waiting so many milliseconds. */
  started?(waitedMs: number): void;
  finished?(workedMs: number): void;
}

export interface WorkQueueOptions {
  /** Pieces of work at the same time. */
  concurrent: number;
  backoff: Backoff;
  /** Does the work of one key. Must not throw; `slots` lets it give its slot back while it waits. */
  work(key: string, slots: Slots): Promise<Next>;
  clock?: Clock;
  observer?: QueueObserver;
}

/** See {@link createWorkQueue}. */
export interface WorkQueue {
  add(key: string): void;
  /** Starts handing out work; until then keys only collect. */
  start(): void;
  /** Hands out no more work and drops timers; resolves when running work has ended. */
  stop(): Promise<void>;
  readonly depth: number;
  readonly slots: Slots;
  /** Start times (ms since the epoch) of running work. */
  running(): number[];
}

/**
 * A queue of distinct keys (RTM-166…168): a key is worked on by one worker at a time; however often it is added while
 * it is worked on, it is worked on once more afterwards. Each key has at most one timer, that of its last result.
 * Nothing here knows what a key stands for. Its size is bounded by the number of distinct keys.
 */
export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  const { backoff, work, observer, clock = systemClock } = options;
  /** Keys that wait for a slot, oldest first, with the time they were added. */
  const ready = new Map<string, number>();
  const running = new Map<string, number>();
  /** Keys added while they were being worked on, with the time of the first such addition. */
  const dirty = new Map<string, number>();
  const timers = new Map<string, () => void>();
  const slots = createSlots(options.concurrent, () => pump());
  let state: 'idle' | 'started' | 'stopped' = 'idle';
  let drained: (() => void) | undefined;

  function add(key: string): void {
    if (state === 'stopped') return;
    const target = running.has(key) ? dirty : ready;
    if (target.has(key)) return;
    target.set(key, clock.now());
    observer?.added?.();
    pump();
  }

  function pump(): void {
    while (state === 'started' && ready.size > 0 && slots.tryTake()) {
      const [key, addedAt] = ready.entries().next().value!;
      ready.delete(key);
      const startedAt = clock.now();
      running.set(key, startedAt);
      observer?.started?.(startedAt - addedAt);
      void work(key, slots).then((next) => finish(key, startedAt, next));
    }
  }

  function finish(key: string, startedAt: number, next: Next): void {
    running.delete(key);
    observer?.finished?.(clock.now() - startedAt);
    if (state !== 'stopped') schedule(key, next);
    slots.give();
    if (running.size === 0) drained?.();
  }

  function schedule(key: string, next: Next): void {
    cancelTimer(key);
    if (next.kind !== 'backoff') backoff.forget(key);
    else observer?.retried?.();
    const delay = next.kind === 'after' ? next.ms : next.kind === 'backoff' ? backoff.next(key) : undefined;
    const addedAt = dirty.get(key);
    dirty.delete(key);
    if (delay !== undefined)
      timers.set(
        key,
        clock.after(delay, () => {
          timers.delete(key);
          add(key);
        }),
      );
    if (addedAt !== undefined) ready.set(key, addedAt);
    else if (next.kind === 'again') add(key);
  }

  function cancelTimer(key: string): void {
    timers.get(key)?.();
    timers.delete(key);
  }

  return {
    add,
    slots,
    get depth() {
      return ready.size;
    },
    running: () => [...running.values()],
    start() {
      if (state !== 'idle') return;
      state = 'started';
      pump();
    },
    async stop() {
      state = 'stopped';
      for (const cancel of timers.values()) cancel();
      timers.clear();
      ready.clear();
      dirty.clear();
      if (running.size > 0) await new Promise<void>((resolve) => (drained = resolve));
    },
  };
}
