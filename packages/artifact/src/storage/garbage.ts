import { opendir, lstat, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StorageError } from '../errors.ts';

/** How long and how many artifacts of one object are kept. */
export interface Retention {
  /** Artifacts older than this are removed. In milliseconds, default 60,000 (`--artifact-retention-ttl`). */
  ttl: number;
  /** How many artifacts are kept, the current one included. Default 2 (`--artifact-retention-records`). */
  records: number;
}

/** Limits of one collection. */
export interface CollectionLimits {
  /** Time budget in milliseconds, default 5,000 (SRC-389). */
  timeout?: number;
  /** How many files are looked at, default 1,000 (SRC-389). */
  maxFiles?: number;
  signal?: AbortSignal;
}

interface Candidate {
  name: string;
  modified: number;
}

/**
 * Names of the files in an object's directory that retention lets go, oldest first (SRC-390…392). `current` is never
 * among them. The directory is only read.
 */
export async function findGarbage(
  directory: string,
  current: string,
  retention: Retention,
  limits: CollectionLimits = {},
): Promise<string[]> {
  const now = Date.now();
  const files = await candidates(directory, current, limits);
  const total = files.others.length + (files.hasCurrent ? 1 : 0);
  const byAge = files.others.sort((a, b) => a.modified - b.modified || (a.name < b.name ? -1 : 1));
  const expired = byAge.filter((file) => now - file.modified > retention.ttl).length;
  // Sorted by age, the expired come first; counting on from there gives the exact bound (SRC-478).
  const surplus = Math.max(0, total - Math.max(0, retention.records));
  return byAge.slice(0, Math.max(expired, surplus)).map((file) => file.name);
}

/**
 * Removes what {@link findGarbage} finds, each file with its lock, and returns the names. A directory that does not
 * exist has no garbage.
 *
 * @throws StorageError `Timeout` when the time budget is spent, `Failed` when a file cannot be removed.
 */
export async function collectGarbage(
  directory: string,
  current: string,
  retention: Retention,
  limits: CollectionLimits = {},
): Promise<string[]> {
  const timeout = limits.timeout ?? 5_000;
  const deadline = timeout > 0 ? AbortSignal.timeout(timeout) : AbortSignal.abort();
  const signal = limits.signal === undefined ? deadline : AbortSignal.any([deadline, limits.signal]);
  try {
    const garbage = await findGarbage(directory, current, retention, { ...limits, signal });
    for (const name of garbage) {
      signal.throwIfAborted();
      await rm(join(directory, name), { force: true });
      await rm(join(directory, `${name}.lock`), { force: true });
    }
    return garbage;
  } catch (error) {
    limits.signal?.throwIfAborted();
    if (deadline.aborted) {
      throw new StorageError('Timeout', `garbage collection exceeded its deadline of ${timeout} ms`, { cause: error });
    }
    throw new StorageError('Failed', `failed to collect garbage: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

async function candidates(
  directory: string,
  current: string,
  limits: CollectionLimits,
): Promise<{ others: Candidate[]; hasCurrent: boolean }> {
  limits.signal?.throwIfAborted();
  const others: Candidate[] = [];
  let hasCurrent = false;
  let inspected = 0;
  const entries = await opendir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  // Names are read in whatever order the file system has them; sorting keeps a limited look reproducible.
  const names: string[] = [];
  for await (const entry of entries) if (entry.isFile() && !entry.name.endsWith('.lock')) names.push(entry.name);
  for (const name of names.sort()) {
    limits.signal?.throwIfAborted();
    if (++inspected > (limits.maxFiles ?? 1_000)) break;
    if (name === current) hasCurrent = true;
    else others.push({ name, modified: (await lstat(join(directory, name))).mtimeMs });
  }
  return { others, hasCurrent };
}
