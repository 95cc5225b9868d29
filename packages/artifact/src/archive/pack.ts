import { pipeline } from 'node:stream/promises';
import { type Writable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { createHasher, type DigestAlgorithm } from '../digest/digest.ts';
import { ArchiveError } from '../errors.ts';
import { type ArchiveEntry } from './entry.ts';
import { encodeHeader, endOfArchive, padding } from './header.ts';

/** What was written: digest (`algorithm:hex`) and size in bytes, both of the bytes as written. */
export interface Written {
  digest: string;
  size: number;
}

/** Options of {@link packArchive}. */
export interface PackOptions {
  /** Default `sha256`. */
  algorithm?: DigestAlgorithm;
  signal?: AbortSignal;
}

// Chunks are cut at fixed lengths, so that how fast files were read leaves no trace in the compressed bytes.
const chunkSize = 64 * 1024;

/**
 * Writes entries as a gzip-compressed tar archive into `target` and ends it. The same entries give the same bytes,
 * always (SRC-374…382). Compression runs on the thread pool.
 *
 * @throws ArchiveError `FileChanged` when a file has not the length its entry announced.
 */
export async function packArchive(
  entries: Iterable<ArchiveEntry> | AsyncIterable<ArchiveEntry>,
  target: Writable,
  options: PackOptions = {},
): Promise<Written> {
  const hasher = createHasher(options.algorithm ?? 'sha256');
  let size = 0;
  async function* measured(compressed: AsyncIterable<Buffer>) {
    for await (const chunk of compressed) {
      // zlib writes the operating system into the tenth byte; 255 (unknown) is the same everywhere (SRC-374).
      if (size <= 9 && size + chunk.length > 9) chunk[9 - size] = 0xff;
      hasher.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  }
  await pipeline(tarStream(entries), createGzip(), measured, target, { signal: options.signal });
  return { digest: hasher.text(), size };
}

/** The uncompressed tar stream of entries, in chunks of 64 KiB. */
export async function* tarStream(
  entries: Iterable<ArchiveEntry> | AsyncIterable<ArchiveEntry>,
): AsyncGenerator<Buffer> {
  let chunk = Buffer.allocUnsafe(chunkSize);
  let filled = 0;
  for await (const piece of tarPieces(entries)) {
    for (let offset = 0; offset < piece.length;) {
      const length = Math.min(piece.length - offset, chunkSize - filled);
      chunk.set(piece.subarray(offset, offset + length), filled);
      filled += length;
      offset += length;
      if (filled === chunkSize) {
        yield chunk;
        chunk = Buffer.allocUnsafe(chunkSize);
        filled = 0;
      }
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled);
}

async function* tarPieces(entries: Iterable<ArchiveEntry> | AsyncIterable<ArchiveEntry>): AsyncGenerator<Uint8Array> {
  for await (const entry of entries) {
    yield encodeHeader(entry);
    if (entry.type === 'directory') continue;
    let written = 0;
    if (entry.content instanceof Uint8Array) {
      written = entry.content.length;
      if (written === entry.size) yield entry.content;
    } else {
      for await (const piece of entry.content()) {
        written += piece.length;
        if (written > entry.size) break;
        yield piece;
      }
    }
    if (written !== entry.size) {
      throw new ArchiveError('FileChanged', `'${entry.path}' changed its size while it was packed`);
    }
    yield padding(entry.size);
  }
  yield endOfArchive;
}
