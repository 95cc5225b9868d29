import { open } from 'node:fs/promises';

/** Serialises work on one path within this process, first come, first served. */
export interface PathLocks {
  /**
   * Runs `work` when everybody before has finished. Touches `<path>.lock`, which stays behind (SRC-388): it tells other
   * programs that the file is written under a lock, and garbage collection knows it.
   */
  hold<T>(path: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

/**
 * Locks for one storage directory. Only one process writes to a storage at a time (the leader); its concurrent
 * reconciles meet here.
 */
export function createPathLocks(): PathLocks {
  const tails = new Map<string, Promise<void>>();
  return {
    async hold(path, work, signal) {
      const before = tails.get(path) ?? Promise.resolve();
      let release!: () => void;
      const mine = before.then(() => new Promise<void>((done) => (release = done)));
      tails.set(path, mine);
      await before;
      try {
        signal?.throwIfAborted();
        await (await open(`${path}.lock`, 'a', 0o666)).close();
        return await work();
      } finally {
        release();
        if (tails.get(path) === mine) tails.delete(path);
      }
    },
  };
}
