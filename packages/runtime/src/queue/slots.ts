/** A counted number of worker slots. */
export interface Slots {
  readonly total: number;
  readonly inUse: number;
  /** Takes a slot if one is free and nobody waits for one. */
  tryTake(): boolean;
  /** Takes a slot, waiting for one; those who wait are served in order, before `tryTake`. */
  take(): Promise<void>;
  give(): void;
}

/** `onFree` is called whenever a slot is free and nobody waits for it. */
export function createSlots(total: number, onFree: () => void): Slots {
  let inUse = 0;
  const waiting: (() => void)[] = [];
  return {
    total,
    get inUse() {
      return inUse;
    },
    tryTake() {
      if (inUse >= total || waiting.length > 0) return false;
      inUse++;
      return true;
    },
    take() {
      if (inUse < total && waiting.length === 0) {
        inUse++;
        return Promise.resolve();
      }
      return new Promise((resolve) => waiting.push(resolve));
    },
    give() {
      const next = waiting.shift();
      // The slot changes hands without becoming free.
      if (next) return next();
      inUse--;
      onFree();
    },
  };
}
