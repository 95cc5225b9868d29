import { createReadStream } from 'node:fs';
import { type Writable } from 'node:stream';
import { copyFile, lstat, mkdir, open, rename, rm, stat, symlink } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type ArchiveEntry } from '../archive/entry.ts';
import { packArchive, type Written } from '../archive/pack.ts';
import { createHasher, verifyDigest, type DigestAlgorithm } from '../digest/digest.ts';
import { DigestError, StorageError, isSystemError, systemErrorCode } from '../errors.ts';
import { artifactUrl } from './address.ts';
import { collectGarbage, type CollectionLimits, type Retention } from './garbage.ts';
import { createPathLocks } from './lock.ts';
import { resolveInside } from './path.ts';

/** The object that an artifact belongs to. */
export interface ArtifactOwner {
  kind: string;
  namespace: string;
  name: string;
}

/** An artifact as `status.artifact` describes it (SRC-61…67). */
export interface Artifact {
  /** Relative to the storage directory. */
  path: string;
  url: string;
  /** Identity of the content at its origin. */
  revision: string;
  /** `algorithm:hex` of the stored bytes. */
  digest: string;
  /** RFC 3339, UTC, whole seconds. */
  lastUpdateTime: string;
  /** In bytes. */
  size?: number;
  metadata?: Record<string, string>;
}

/** Options of {@link openStorage}. */
export interface StorageOptions {
  /** An existing directory (`--storage-path`). */
  directory: string;
  /** Host and port, or a base URL, that artifact URLs begin with; see `advertisedAddress`. */
  address: string;
  /** Algorithm of new digests. Default `sha256`. */
  algorithm?: DigestAlgorithm;
  /** Default: one minute, two records. */
  retention?: Partial<Retention>;
}

/** What a new artifact is made from: tar entries, or bytes that are stored as they are. */
export type ArtifactContent =
  { entries: Iterable<ArchiveEntry> | AsyncIterable<ArchiveEntry> } | { bytes: Uint8Array | AsyncIterable<Uint8Array> };

/** The directory that artifacts live in and the file server publishes. */
export interface ArtifactStorage {
  readonly directory: string;
  /** `<kind in lower case>/<namespace>/<name>/<fileName>` (SRC-62). */
  pathOf(owner: ArtifactOwner, fileName: string): string;
  /** The URL of such a path at the current advertised address (SRC-212, SRC-370). */
  urlOf(path: string): string;
  /** The file of such a path; never outside of the storage, through `..` nor symlinks (SRC-369). */
  fileOf(path: string): string;
  /** Whether a regular file is there; symlinks and directories do not count (SRC-480). */
  exists(path: string): Promise<boolean>;
  /**
   * Writes content under a path, atomically: readers see the old file or the new one (SRC-384). Call it within
   * {@link withLock} when the status is recorded afterwards.
   *
   * @throws StorageError `DiskFull`, `IllegalPath`, `Failed`; ArchiveError from packing.
   */
  write(
    path: string,
    revision: string,
    content: ArtifactContent,
    options?: { metadata?: Record<string, string>; signal?: AbortSignal },
  ): Promise<Artifact>;
  /** Runs `work` while no other reconcile of this process holds the same path (SRC-388). */
  withLock<T>(path: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  /**
   * Checks that an artifact is what its status says (SRC-208, SRC-209).
   *
   * @throws StorageError `NotFound`; DigestError when the digest is empty, unreadable or differs.
   */
  verify(artifact: Pick<Artifact, 'path' | 'digest'>, options?: { signal?: AbortSignal }): Promise<void>;
  /**
   * Verifies an artifact and removes the file when its bytes are not what the digest says (SRC-207…210). Returns
   * `valid`, `missing`, or the reason why it was removed.
   */
  check(
    artifact: Pick<Artifact, 'path' | 'digest'>,
    options?: { signal?: AbortSignal },
  ): Promise<'valid' | 'missing' | DigestError>;
  /** Starts reading an artifact. */
  read(path: string, options?: { signal?: AbortSignal }): AsyncIterable<Uint8Array>;
  /** Points `linkName`, beside the artifact, at it; an older link is replaced atomically. Returns the link's path. */
  link(path: string, linkName: string): Promise<string>;
  /** Removes artifacts of the same directory that retention lets go; returns their paths (SRC-389…396). */
  collectGarbage(current: string, limits?: CollectionLimits): Promise<string[]>;
  /** Removes one artifact; one that does not exist is an error (SRC-479). */
  remove(path: string): Promise<void>;
  /** Removes everything of an object; tells whether there was anything (SRC-363, SRC-479). */
  removeAll(owner: ArtifactOwner): Promise<boolean>;
}

/**
 * Opens an artifact storage.
 *
 * @throws StorageError `InvalidConfiguration` when the directory is missing (SRC-367).
 */
export async function openStorage(options: StorageOptions): Promise<ArtifactStorage> {
  const { directory, address, algorithm = 'sha256' } = options;
  const retention: Retention = { ttl: 60_000, records: 2, ...options.retention };
  const locks = createPathLocks();
  if (!(await stat(directory).catch(() => undefined))?.isDirectory()) {
    throw new StorageError('InvalidConfiguration', `invalid dir path: ${directory}`);
  }
  const fileOf = (path: string) => resolveInside(directory, path);

  const storage: ArtifactStorage = {
    directory,
    fileOf,
    pathOf: ({ kind, namespace, name }, fileName) => `${kind.toLowerCase()}/${namespace}/${name}/${fileName}`,
    urlOf: (path) => artifactUrl(address, path) ?? '',

    async exists(path) {
      return (await lstat(fileOf(path)).catch(() => undefined))?.isFile() ?? false;
    },

    async write(path, revision, content, { metadata, signal } = {}) {
      const file = fileOf(path);
      const written = await storing(path, async () => {
        await mkdir(dirname(file), { recursive: true, mode: 0o700 });
        return writeAtomically(file, (target) =>
          'entries' in content
            ? packArchive(content.entries, target, { algorithm, signal })
            : copyBytes(content.bytes, target, algorithm, signal),
        );
      });
      return {
        path,
        url: storage.urlOf(path),
        revision,
        ...written,
        lastUpdateTime: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
        ...(metadata === undefined ? {} : { metadata }),
      };
    },

    async withLock(path, work, signal) {
      const file = fileOf(path);
      await storing(path, () => mkdir(dirname(file), { recursive: true, mode: 0o700 }));
      return locks.hold(file, work, signal);
    },

    async verify({ path, digest }, { signal } = {}) {
      if (!(await storage.exists(path))) throw new StorageError('NotFound', `artifact '${path}' is not in storage`);
      await verifyDigest(digest, storage.read(path, { signal }));
    },

    async check(artifact, checkOptions) {
      try {
        await storage.verify(artifact, checkOptions);
        return 'valid';
      } catch (error) {
        if (error instanceof StorageError && error.reason === 'NotFound') return 'missing';
        if (!(error instanceof DigestError)) throw error;
        await rm(fileOf(artifact.path)).catch((cause: Error) => {
          throw new StorageError('Failed', `failed to remove artifact after digest mismatch: ${cause.message}`, {
            cause,
          });
        });
        return error;
      }
    },

    read: (path, { signal } = {}) => createReadStream(fileOf(path), { signal, highWaterMark: 256 * 1024 }),

    async link(path, linkName) {
      const link = join(dirname(path), basename(linkName));
      const temporary = temporaryName(fileOf(link));
      await storing(link, async () => {
        await symlink(basename(path), temporary);
        await rename(temporary, join(dirname(fileOf(path)), basename(linkName)));
      });
      return link;
    },

    async collectGarbage(current, limits) {
      const folder = dirname(current);
      const names = await collectGarbage(dirname(fileOf(current)), basename(current), retention, limits);
      return names.map((name) => `${folder}/${name}`);
    },

    async remove(path) {
      await storing(path, () => rm(fileOf(path)));
    },

    async removeAll(owner) {
      const folder = dirname(fileOf(storage.pathOf(owner, 'any')));
      const existed = (await lstat(folder).catch(() => undefined)) !== undefined;
      await storing(folder, () => rm(folder, { recursive: true, force: true }));
      return existed;
    },
  };
  return storage;
}

/** Temporary names begin with a dot: the file server does not serve them, garbage collection removes leftovers. */
const temporaryName = (file: string) => join(dirname(file), `.${basename(file)}.${randomBytes(6).toString('hex')}`);

async function writeAtomically(file: string, write: (target: Writable) => Promise<Written>): Promise<Written> {
  const temporary = temporaryName(file);
  try {
    const handle = await open(temporary, 'wx', 0o600);
    const written = await write(handle.createWriteStream({ flush: true }));
    await rename(temporary, file).catch(async (error: unknown) => {
      if (systemErrorCode(error) !== 'EXDEV') throw error;
      await copyFile(temporary, file);
      await rm(temporary);
    });
    await syncDirectory(dirname(file));
    return written;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Makes a rename survive a power cut. Not every file system lets directories be synchronised. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } catch (error) {
    if (!['EINVAL', 'EPERM', 'ENOTSUP'].includes(systemErrorCode(error) ?? '')) throw error;
  } finally {
    await handle.close();
  }
}

async function copyBytes(
  bytes: Uint8Array | AsyncIterable<Uint8Array>,
  target: Writable,
  algorithm: DigestAlgorithm,
  signal?: AbortSignal,
): Promise<Written> {
  const hasher = createHasher(algorithm);
  let size = 0;
  async function* measured() {
    for await (const chunk of bytes instanceof Uint8Array ? [bytes] : bytes) {
      hasher.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  }
  await pipeline(measured, target, { signal });
  return { digest: hasher.text(), size };
}

/** Turns file system errors into {@link StorageError}, everything else is left as it is. */
async function storing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    const { code } = error;
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw new StorageError('DiskFull', `no space left to store '${path}'; enlarge the storage volume`, {
        cause: error,
      });
    }
    if (code === 'ENOENT') throw new StorageError('NotFound', `'${path}' is not in storage`, { cause: error });
    throw new StorageError('Failed', `failed to store '${path}': ${error.message}`, { cause: error });
  }
}
