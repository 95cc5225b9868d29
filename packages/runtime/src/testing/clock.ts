import type { Clock } from '../time/clock.ts';

/** A clock that stands still until told to go on. */
export interface ManualClock extends Clock {
  /** Fires everything that is due within `ms`, in order, letting promises settle in between. */
  advance(ms: number): Promise<void>;
  /** Delays of the timers that are set. */
  pending(): number[];
  /** Sets the time of day forward (or back), as a time server may do. */
  setTime(ms: number): void;
}

export function manualClock(start = Date.parse('2026-01-02T15:04:05.678Z')): ManualClock {
  let now = start;
  /** How far the time of day was set. */
  let set = 0;
  let timers: { at: number; fn: () => void }[] = [];
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    now: () => now + set,
    elapsed: () => now,
    setTime: (ms) => void (set += ms),
    after(ms, fn) {
      const timer = { at: now + ms, fn };
      timers.push(timer);
      return () => void (timers = timers.filter((other) => other !== timer));
    },
    pending: () => timers.map(({ at }) => at - now).sort((a, b) => a - b),
    async advance(ms) {
      const end = now + ms;
      await settle();
      for (;;) {
        const next = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        timers = timers.filter((timer) => timer !== next);
        now = next.at;
        next.fn();
        await settle();
      }
      now = end;
    },
  };
}
