/** Objects of remote repositories that are kept between fetches, one bare store per repository. */
import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { appendFile, mkdir, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { CorruptObjectsError, LimitExceededError } from '../errors.ts';

/** Where and how much to keep. */
export interface ObjectCacheOptions {
  /** Created when missing. */
  directory: string;
  /** Bytes of all stores together; the least recently used are dropped beyond. Default 2 GiB. */
  maxBytes?: number;
}

/** A place for the objects of many repositories. */
export interface ObjectCache {
  /**
   * Runs `work` with the store of a key, one at a time per key. Keys should tell tenants apart: a store gives out
   * whatever it has.
   */
  use<T>(key: string, signal: AbortSignal, work: (store: ObjectStore) => Promise<T>): Promise<T>;
}

/** A bare object store on disk. */
export interface ObjectStore {
  /** Its directory, in the layout of a bare repository. */
  readonly directory: string;
  /** Commits whose trees are complete here, newest last. */
  commits(): Promise<string[]>;
  /** Records that a commit and its tree are complete. */
  addCommits(oids: readonly string[]): Promise<void>;
  /** Stores a packfile, checks its checksum; returns its path relative to {@link directory}. It still needs an index. */
  addPack(content: AsyncIterable<Uint8Array>, limit: number, signal: AbortSignal): Promise<string>;
  /** Forgets everything. */
  clear(): Promise<void>;
}

// Every fetch adds a pack, and every look-up asks each pack; beyond this a store starts anew.
const maxPacks = 24;
const maxCommits = 8;

/** Opens a cache of object stores. */
export function openObjectCache({ directory, maxBytes = 2 * 1024 ** 3 }: ObjectCacheOptions): ObjectCache {
  const tails = new Map<string, Promise<unknown>>();
  const inUse = new Set<string>();
  return {
    async use(key, signal, work) {
      const name = createHash('sha256').update(key).digest('hex').slice(0, 40);
      const turn = (tails.get(name) ?? Promise.resolve()).then(async () => {
        signal.throwIfAborted();
        inUse.add(name);
        try {
          const store = openObjectStore(join(directory, name));
          if ((await packs(store.directory)).length >= maxPacks) await store.clear();
          await mkdir(join(store.directory, 'objects', 'pack'), { recursive: true, mode: 0o700 });
          const now = new Date();
          await utimes(store.directory, now, now);
          return await work(store);
        } finally {
          inUse.delete(name);
          await evict(directory, maxBytes, inUse);
        }
      });
      // The next in line does not care how this one ended.
      const tail = turn.catch(() => undefined);
      tails.set(name, tail);
      try {
        return await turn;
      } finally {
        if (tails.get(name) === tail) tails.delete(name);
      }
    },
  };
}

/** Opens a store, which may not exist yet. */
export function openObjectStore(directory: string): ObjectStore {
  const commitsFile = join(directory, 'shallow');
  const packFolder = join(directory, 'objects', 'pack');
  const store: ObjectStore = {
    directory,
    async commits() {
      const text = await readFile(commitsFile, 'utf8').catch(() => '');
      return text
        .split('\n')
        .filter((oid) => /^[0-9a-f]{40}$/.test(oid))
        .slice(-maxCommits);
    },
    async addCommits(oids) {
      const present = await store.commits();
      const fresh = oids.filter((oid) => !present.includes(oid));
      if (fresh.length > 0) await appendFile(commitsFile, fresh.map((oid) => `${oid}\n`).join(''));
    },
    async addPack(content, limit, signal) {
      await mkdir(packFolder, { recursive: true, mode: 0o700 });
      const temporary = join(packFolder, `tmp-${randomBytes(6).toString('hex')}`);
      try {
        const checksum = await writePack(content, temporary, limit, signal);
        const name = `objects/pack/pack-${checksum}.pack`;
        await rename(temporary, join(directory, name));
        return name;
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
    },
    clear: () => rm(directory, { recursive: true, force: true }),
  };
  return store;
}

const packs = async (directory: string) =>
  (await readdir(join(directory, 'objects', 'pack')).catch(() => [])).filter((name) => name.endsWith('.pack'));

/** Writes a pack and compares the checksum at its end with its content. */
async function writePack(
  content: AsyncIterable<Uint8Array>,
  file: string,
  limit: number,
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash('sha1');
  let size = 0;
  let tail: Buffer = Buffer.alloc(0);
  async function* checked() {
    for await (const chunk of content) {
      size += chunk.length;
      if (size > limit) throw new LimitExceededError(`the objects exceed the limit of ${limit} bytes`);
      const seen = Buffer.concat([tail, chunk]);
      const cut = Math.max(0, seen.length - 20);
      hash.update(seen.subarray(0, cut));
      tail = seen.subarray(cut);
      yield chunk;
    }
  }
  await pipeline(checked, createWriteStream(file, { flags: 'wx', mode: 0o600 }), { signal });
  const checksum = hash.digest('hex');
  if (tail.toString('hex') !== checksum) throw new CorruptObjectsError('the server sent damaged objects');
  return checksum;
}

async function evict(directory: string, maxBytes: number, inUse: ReadonlySet<string>): Promise<void> {
  const stores: { name: string; used: number; bytes: number }[] = [];
  for (const name of await readdir(directory).catch(() => [])) {
    const folder = join(directory, name);
    const used = await stat(folder).then(
      (found) => found.mtimeMs,
      () => 0,
    );
    let bytes = 0;
    for (const pack of await packs(folder)) {
      bytes += await stat(join(folder, 'objects', 'pack', pack)).then(
        (found) => found.size,
        () => 0,
      );
    }
    stores.push({ name, used, bytes });
  }
  let total = stores.reduce((sum, store) => sum + store.bytes, 0);
  for (const store of stores.sort((a, b) => a.used - b.used)) {
    if (total <= maxBytes) return;
    if (inUse.has(store.name)) continue;
    await rm(join(directory, store.name), { recursive: true, force: true });
    total -= store.bytes;
  }
}
