import { createWriteStream } from 'node:fs';
import { chmod, lstat, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import { ArchiveError, isSystemError, systemErrorCode } from '../errors.ts';
import { type PathFilter } from './entry.ts';

/** Limits and choices of {@link unpackArchive}. */
export interface UnpackOptions {
  /** Sum of the sizes of all files in bytes. Default 100 MiB, -1 for no limit (RTM-306). */
  maxBytes?: number;
  /** Number of entries, of whatever type. Default 200,000, -1 for no limit. */
  maxEntries?: number;
  /** What to do with symbolic and hard links. Default `refuse` (RTM-305); controllers skip them (RTM-255). */
  links?: 'refuse' | 'skip';
  /** Entries to leave out. An ignored directory takes what is below it along. */
  filter?: PathFilter;
  signal?: AbortSignal;
}

/** What came out of an archive. `bytes` is the sum of the file sizes. */
export interface Unpacked {
  files: number;
  directories: number;
  bytes: number;
}

const mebibyte = 1024 * 1024;
// Files up to this size are held in memory and written side by side; larger ones are streamed.
const smallFile = 256 * 1024;
const writesInFlight = 16;
// How far the raw tar stream may run ahead of the entries seen: bounds what extended headers can claim.
const slack = 8 * mebibyte;

/**
 * Unpacks a gzip-compressed tar archive into `directory`, which is created when missing. Nothing is ever written
 * outside of it, whatever the archive says, nor through a symlink that was there before. When it fails, what was
 * unpacked so far stays for the caller to remove.
 *
 * @throws ArchiveError `Corrupt`, `IllegalPath`, `IllegalType` or `LimitExceeded`.
 */
export async function unpackArchive(
  source: AsyncIterable<Uint8Array> | Readable,
  directory: string,
  options: UnpackOptions = {},
): Promise<Unpacked> {
  const maxBytes = limit(options.maxBytes, 100 * mebibyte);
  const maxEntries = limit(options.maxEntries, 200_000);
  const result: Unpacked = { files: 0, directories: 0, bytes: 0 };
  const folders = new FolderMaker(directory);
  const writes = new Map<string, Promise<void>>();
  let failure: unknown;
  let entries = 0;
  let announced = slack;
  let raw = 0;

  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      raw += chunk.length;
      if (raw <= announced) done(null, chunk);
      else done(new ArchiveError('LimitExceeded', 'the archive has more header data than its entries can need'));
    },
  });

  async function place({ header }: { header: Header }, content: AsyncIterable<Uint8Array>): Promise<void> {
    const { size } = header;
    entries += 1;
    announced += 1024 + size;
    if (entries > maxEntries)
      throw new ArchiveError('LimitExceeded', `the archive has more than ${maxEntries} entries`);
    const path = checkedPath(header.name);
    if (isLink(header.type) && options.links === 'skip') return;
    if (header.type !== 'file' && header.type !== 'contiguous-file' && header.type !== 'directory') {
      throw new ArchiveError('IllegalType', `the archive has an entry '${path}' of unsupported type '${header.type}'`);
    }
    const isDirectory = header.type === 'directory';
    if (isExcluded(options.filter, path, isDirectory)) return;
    if (isDirectory) {
      await folders.make(path);
      if (path !== '') await chmod(join(directory, path), (header.mode & 0o777) | 0o700);
      result.directories += 1;
      return;
    }
    if (path === '') throw new ArchiveError('IllegalPath', `the archive has an invalid entry name '${header.name}'`);
    result.bytes += size;
    if (result.bytes > maxBytes) {
      throw new ArchiveError('LimitExceeded', `the files of the archive exceed the limit of ${maxBytes} bytes`);
    }
    result.files += 1;
    const slash = path.lastIndexOf('/');
    await folders.make(slash === -1 ? '' : path.slice(0, slash));
    await folders.refuseLink(path);
    const mode = (header.mode & 0o777) | 0o600;
    const file = join(directory, path);
    await writes.get(path);
    if (size > smallFile) {
      await pipeline(content, createWriteStream(file, { mode, signal: options.signal }));
      return;
    }
    const pieces: Uint8Array[] = [];
    for await (const piece of content) pieces.push(piece);
    const write = writeFile(file, Buffer.concat(pieces), { mode })
      .catch((error: unknown) => void (failure ??= error))
      .then(() => void writes.delete(path));
    writes.set(path, write);
    if (writes.size >= writesInFlight) await Promise.race(writes.values());
    if (failure !== undefined) throw failure;
  }

  const tar = extract();
  const unpacking = pipeline(toReadable(source), createGunzip(), meter, tar, { signal: options.signal });
  // The iterator below reports the same failure; this promise is awaited at the end.
  unpacking.catch(() => undefined);
  try {
    for await (const entry of tar) {
      await place(entry, entry as AsyncIterable<Uint8Array>);
      entry.resume();
    }
    await unpacking;
    await Promise.all(writes.values());
    if (failure !== undefined) throw failure;
    if (raw < 1024) throw new ArchiveError('Corrupt', 'the archive is empty');
    return result;
  } catch (error) {
    tar.destroy();
    await Promise.all(writes.values());
    options.signal?.throwIfAborted();
    // An iterator that was stopped from outside reports its own end rather than the cause.
    const cause = await unpacking.then(
      () => error,
      (first: unknown) => (error instanceof ArchiveError || isSystemError(error) ? error : first),
    );
    throw asArchiveError(cause);
  }
}

const limit = (value: number | undefined, byDefault: number) =>
  value === undefined ? byDefault : value < 0 ? Number.POSITIVE_INFINITY : value;

const isLink = (type: string) => type === 'symlink' || type === 'link';

const toReadable = (source: AsyncIterable<Uint8Array> | Readable) =>
  source instanceof Readable ? source : Readable.from(source, { objectMode: false });

/** The path of an entry without `./` and trailing slash, empty for the root (RTM-304, SRC-420). */
function checkedPath(name: string): string {
  const parts = name.split('/');
  if (name === '' || name.startsWith('/') || name.includes('\\') || name.includes('\0') || parts.includes('..')) {
    throw new ArchiveError('IllegalPath', `the archive has an invalid entry name '${name}'`);
  }
  return parts.filter((part) => part !== '' && part !== '.').join('/');
}

function isExcluded(filter: PathFilter | undefined, path: string, isDirectory: boolean): boolean {
  if (filter === undefined || path === '') return false;
  for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
    if (filter.ignores(path.slice(0, slash), true)) return true;
  }
  return filter.ignores(path, isDirectory);
}

function asArchiveError(error: unknown): unknown {
  if (error instanceof ArchiveError || isSystemError(error)) return error;
  const code = systemErrorCode(error);
  const detail = (error as Error).message;
  if (code?.startsWith('Z_'))
    return new ArchiveError('Corrupt', `not a complete gzip stream: ${detail}`, { cause: error });
  if (/tar|header|data|Premature|end of/i.test(detail)) {
    return new ArchiveError('Corrupt', `not a complete tar archive: ${detail}`, { cause: error });
  }
  return error;
}

/** Makes folders below a root, each once, never through a symlink. */
class FolderMaker {
  readonly #root: string;
  readonly #made = new Set<string>();

  constructor(root: string) {
    this.#root = root;
  }

  async make(path: string): Promise<void> {
    if (this.#made.has(path)) return;
    if (path === '') {
      await mkdir(this.#root, { recursive: true });
    } else {
      const slash = path.lastIndexOf('/');
      await this.make(slash === -1 ? '' : path.slice(0, slash));
      await this.refuseLink(path);
      await mkdir(join(this.#root, path), { mode: 0o700 }).catch(async (error: unknown) => {
        if (systemErrorCode(error) !== 'EEXIST') throw error;
        if (!(await lstat(join(this.#root, path))).isDirectory()) {
          throw new ArchiveError('IllegalPath', `the archive uses '${path}' as a file and as a directory`);
        }
      });
    }
    this.#made.add(path);
  }

  async refuseLink(path: string): Promise<void> {
    const existing = await lstat(join(this.#root, path)).catch(() => undefined);
    if (existing?.isSymbolicLink()) {
      throw new ArchiveError('IllegalPath', `'${path}' exists in the target directory as a symlink`);
    }
  }
}
