import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { unpackArchive } from '@gitops-toolkit/artifact';
import type { Clock } from '../time/clock.ts';
import { download, localArtifactUrl } from './download.ts';
import { ArtifactFetchError } from './errors.ts';
import type { ArtifactFetcher, ArtifactLease, ArtifactRef } from './fetcher.ts';

export interface ArtifactFetcherOptions {
  /** Directory that belongs to the fetcher alone: emptied at the first fetch, removed by `close`. */
  directory: string;
  /** See {@link download}. Default 9. */
  retries?: number;
  /** Unpacked artifacts kept although nobody uses them; default 32. */
  maxIdle?: number;
  /** Sum of the file sizes of unused unpacked artifacts in bytes; default 1 GiB. */
  maxIdleBytes?: number;
  /** Largest archive in bytes; default: no limit. */
  maxArchiveBytes?: number;
  env?: Record<string, string | undefined>;
  clock?: Clock;
}

interface Entry {
  /** Leases and callers that wait for the directory. */
  users: number;
  bytes: number;
  ready: Promise<string>;
  /** Ends the download when nobody waits for it any more. */
  cancel: AbortController;
  state: 'pending' | 'ready' | 'failed';
}

const gibibyte = 2 ** 30;

/** A fetcher that unpacks each digest once and keeps it while it is used, and a bounded time after. */
export function createArtifactFetcher(options: ArtifactFetcherOptions): ArtifactFetcher {
  const { directory, retries, maxIdle = 32, maxIdleBytes = gibibyte, maxArchiveBytes, env, clock } = options;
  /** Least recently used first. */
  const entries = new Map<string, Entry>();
  let prepared: Promise<unknown> | undefined;

  /** What an earlier process left behind when it was killed goes first. */
  function prepare(): Promise<unknown> {
    prepared ??= rm(directory, { recursive: true, force: true })
      .then(() => mkdir(directory, { recursive: true }))
      .catch((error: unknown) => {
        // A full disk today is no reason to fail tomorrow.
        prepared = undefined;
        throw error;
      });
    return prepared;
  }

  async function unpack(artifact: ArtifactRef, entry: Entry): Promise<string> {
    const { signal } = entry.cancel;
    await prepare();
    const folder = await mkdtemp(join(directory, 'artifact-'));
    const archive = join(folder, 'archive.tar.gz');
    const content = join(folder, 'content');
    const url = localArtifactUrl(artifact.url, env);
    try {
      await download(url, artifact.digest ?? '', archive, { retries, maxBytes: maxArchiveBytes, signal, clock });
      const unpacked = await unpackArchive(createReadStream(archive), content, { maxBytes: -1, links: 'skip', signal });
      entry.bytes = unpacked.bytes;
      await mkdir(content, { recursive: true });
      await rm(archive);
      entry.state = 'ready';
      return content;
    } catch (error) {
      entry.state = 'failed';
      await rm(folder, { recursive: true, force: true });
      signal.throwIfAborted();
      if ((error as Error).name === 'ArchiveError')
        throw new ArtifactFetchError(`cannot unpack artifact ${url}: ${(error as Error).message}`, { cause: error });
      throw error;
    }
  }

  function start(artifact: ArtifactRef): Entry {
    const entry: Entry = {
      users: 0,
      bytes: 0,
      ready: Promise.resolve(''),
      cancel: new AbortController(),
      state: 'pending',
    };
    entry.ready = unpack(artifact, entry);
    entry.ready.catch(() => {});
    return entry;
  }

  function leave(digest: string, entry: Entry): void {
    entry.users--;
    if (entry.users > 0) return;
    if (entry.state === 'pending') entry.cancel.abort(new Error('nobody waits for the artifact any more'));
    if (entry.state !== 'ready' && entries.get(digest) === entry) entries.delete(digest);
    void evict();
  }

  /** Removes unused directories, the least recently used first, until the limits hold. */
  async function evict(): Promise<void> {
    const idle = [...entries].filter(([, entry]) => entry.users === 0);
    let bytes = idle.reduce((sum, [, entry]) => sum + entry.bytes, 0);
    let count = idle.length;
    for (const [digest, entry] of idle) {
      if (count <= maxIdle && bytes <= maxIdleBytes) return;
      entries.delete(digest);
      count--;
      bytes -= entry.bytes;
      await discard(entry);
    }
  }

  async function discard(entry: Entry): Promise<void> {
    entry.cancel.abort(new Error('the artifact is not needed any more'));
    const content = await entry.ready.catch(() => undefined);
    if (content) await rm(join(content, '..'), { recursive: true, force: true });
  }

  return {
    async fetch(artifact, { signal }): Promise<ArtifactLease> {
      signal.throwIfAborted();
      const digest = artifact.digest ?? '';
      let entry = entries.get(digest);
      if (!entry || entry.state === 'failed') entry = start(artifact);
      entries.delete(digest);
      entries.set(digest, entry);
      entry.users++;
      try {
        const content = await abortable(entry.ready, signal);
        let released = false;
        const release = () => {
          if (released) return;
          released = true;
          leave(digest, entry);
        };
        return { directory: content, digest, release, [Symbol.dispose]: release };
      } catch (error) {
        leave(digest, entry);
        throw error;
      }
    },
    async close() {
      const all = [...entries.values()];
      entries.clear();
      await Promise.all(all.map(discard));
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Settles with `promise`, or rejects with the signal's reason. */
function abortable<R>(promise: Promise<R>, signal: AbortSignal): Promise<R> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
