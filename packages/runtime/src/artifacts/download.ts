import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createHasher, parseDigest } from '@gitops-toolkit/artifact';
import { sleep, systemClock, type Clock } from '../time/clock.ts';
import { ArtifactFetchError, ArtifactNotFoundError } from './errors.ts';

export interface DownloadOptions {
  /** Retries after the first attempt, on connection errors, 429 and 5xx other than 501 (KUS-104). Default 9. */
  retries?: number;
  /** Largest archive in bytes; default: no limit (RTM-256). */
  maxBytes?: number;
  signal?: AbortSignal;
  clock?: Clock;
}

const firstWaitMs = 5_000;
const longestWaitMs = 30_000;
/** Deadline of one attempt. */
const attemptMs = 10 * 60_000;

/**
 * Downloads `url` to `file` and checks its digest on the way (RTM-250…254). On failure the file is removed.
 *
 * @param digest `algorithm:hex`, or a bare SHA-256 checksum
 * @throws ArtifactNotFoundError
 * @throws ArtifactFetchError
 */
export async function download(
  url: string,
  digest: string,
  file: string,
  options: DownloadOptions = {},
): Promise<void> {
  const { retries = 9, signal, clock = systemClock } = options;
  const expected = readDigest(digest, url);
  for (let attempt = 0; ; attempt++) {
    try {
      const found = await attemptDownload(url, expected.algorithm, file, options);
      if (found !== `${expected.algorithm}:${expected.hex}`)
        throw new ArtifactFetchError(`computed digest doesn't match provided '${digest}' for ${url}`);
      return;
    } catch (error) {
      await rm(file, { force: true });
      signal?.throwIfAborted();
      if (error instanceof Transient && attempt < retries) {
        await sleep(Math.min(longestWaitMs, firstWaitMs * 2 ** attempt), signal, clock);
        continue;
      }
      throw error instanceof Transient ? new ArtifactFetchError(error.message, { cause: error.cause }) : error;
    }
  }
}

/** A failure that may be gone at the next attempt. */
class Transient extends Error {}

/** The digest of what was downloaded. */
async function attemptDownload(
  url: string,
  algorithm: Parameters<typeof createHasher>[0],
  file: string,
  { maxBytes, signal }: DownloadOptions,
): Promise<string> {
  const deadline = AbortSignal.timeout(attemptMs);
  const either = signal ? AbortSignal.any([signal, deadline]) : deadline;
  const hasher = createHasher(algorithm);
  let bytes = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (maxBytes !== undefined && bytes > maxBytes)
        return done(new ArtifactFetchError(`artifact ${url} is larger than the limit of ${maxBytes} bytes`));
      hasher.update(chunk);
      done(null, chunk);
    },
  });
  try {
    const response = await fetch(url, { signal: either });
    if (response.status !== 200) {
      await response.body?.cancel();
      if (response.status === 404) throw new ArtifactNotFoundError(url);
      const text = `cannot download artifact ${url}: status ${response.status} ${response.statusText}`.trim();
      if (response.status === 429 || (response.status >= 500 && response.status !== 501)) throw new Transient(text);
      throw new ArtifactFetchError(text);
    }
    const body = response.body ? Readable.fromWeb(response.body) : Readable.from([]);
    await pipeline(body, meter, createWriteStream(file, { mode: 0o600 }), { signal: either });
    return hasher.text();
  } catch (error) {
    if (error instanceof ArtifactNotFoundError || error instanceof ArtifactFetchError || error instanceof Transient)
      throw error;
    signal?.throwIfAborted();
    const cause = (error as Error).cause ?? error;
    throw new Transient(`cannot download artifact ${url}: ${(cause as Error).message}`, { cause: error });
  }
}

function readDigest(digest: string, url: string): ReturnType<typeof parseDigest> {
  try {
    return parseDigest(digest);
  } catch (error) {
    throw new ArtifactFetchError(`cannot verify artifact ${url}: ${(error as Error).message}`, { cause: error });
  }
}

/** Replaces the host of artifact URLs for controllers that run outside of the cluster (RTM-251, KUS-103). */
export function localArtifactUrl(url: string, env: Record<string, string | undefined> = process.env): string {
  const host = url.includes('//source-watcher') ? env.SOURCE_WATCHER_LOCALHOST : env.SOURCE_CONTROLLER_LOCALHOST;
  if (!host || !URL.canParse(url)) return url;
  const changed = new URL(url);
  changed.host = host;
  // Assigning a host without a port keeps the old port.
  if (!/:\d+$/.test(host)) changed.port = '';
  return changed.href;
}
