import { createHash } from 'node:crypto';
import { Piscina } from 'piscina';
import type { BuildJob, BuildOutput, BuildRequest } from './request.ts';

/** Results kept, by count and by the size of their text in bytes. */
const maxEntries = 2_000;
const maxBytes = 128 * 1024 * 1024;

/** A build failed; the message is for the condition. */
export class BuildError extends Error {
  override name = 'BuildError';
}

/** Builds in worker threads, and remembers results by everything that entered them. */
export interface Builder {
  /**
   * Objects ready to be applied.
   *
   * @throws BuildError with what is wrong, and where.
   */
  build(request: BuildRequest, directory: string, signal: AbortSignal): Promise<BuildOutput>;
  /** The result of an equal build, if it is still known. */
  known(request: BuildRequest): BuildOutput | undefined;
  close(): Promise<void>;
}

/** What a worker answers: large results as they are, failures as text, because error classes do not cross threads. */
export type WorkerAnswer = { output: BuildOutput; bytes: number } | { problem: string };

/** Creates a builder with at most `threads` worker threads; default 2. */
export function createBuilder(threads = 2): Builder {
  const pool = new Piscina<BuildJob, WorkerAnswer>({
    filename: new URL('./worker.ts', import.meta.url).href,
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: 60_000,
    maxQueue: 100_000,
  });
  const kept = new Map<string, { output: BuildOutput; bytes: number }>();
  let keptBytes = 0;

  function keep(key: string, entry: { output: BuildOutput; bytes: number }): void {
    if (entry.bytes > maxBytes / 4 || kept.has(key)) return;
    kept.set(key, entry);
    keptBytes += entry.bytes;
    for (const [oldest, { bytes }] of kept) {
      if (kept.size <= maxEntries && keptBytes <= maxBytes) break;
      kept.delete(oldest);
      keptBytes -= bytes;
    }
  }

  function known(key: string): BuildOutput | undefined {
    const entry = kept.get(key);
    if (entry === undefined) return undefined;
    kept.delete(key);
    kept.set(key, entry);
    return entry.output;
  }

  return {
    known: (request) => known(keyOf(request)),
    async build(request, directory, signal) {
      const key = keyOf(request);
      const answer = await pool.run({ ...request, directory }, { signal });
      if ('problem' in answer) throw new BuildError(answer.problem);
      keep(key, answer);
      return answer.output;
    },
    close: () => pool.destroy(),
  };
}

/** Variables may be secret: only a hash of them is kept. */
function keyOf(request: BuildRequest): string {
  return createHash('sha256').update(JSON.stringify(request)).digest('base64');
}
