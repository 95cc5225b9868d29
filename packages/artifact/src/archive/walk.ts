import { createReadStream, type Dirent } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compareNames, type ArchiveEntry, type PathFilter } from './entry.ts';

// Below this size a file is read in one go: cheaper than a stream, and harmless to memory.
const wholeFileLimit = 1024 * 1024;

/** Options of {@link walkDirectory}. */
export interface WalkOptions {
  /** What to leave out; nothing by default. */
  filter?: PathFilter;
  signal?: AbortSignal;
}

/**
 * The entries of a directory tree in archive order (SRC-375…377): the root `.` first, a directory before its content,
 * siblings in byte order of their names. Symlinks and special files are skipped. An ignored directory loses only its
 * own entry; what is below is judged on its own (SRC-381).
 */
export async function* walkDirectory(root: string, options: WalkOptions = {}): AsyncGenerator<ArchiveEntry> {
  if (!(await lstat(root)).isDirectory()) throw new Error(`'${root}' is not a directory`);
  yield { type: 'directory', path: '.' };
  yield* walk(root, '', options);
}

async function* walk(root: string, parent: string, options: WalkOptions): AsyncGenerator<ArchiveEntry> {
  const { filter, signal } = options;
  const children = await readdir(join(root, parent), { withFileTypes: true });
  for (const child of sortByName(children)) {
    signal?.throwIfAborted();
    const path = parent === '' ? child.name : `${parent}/${child.name}`;
    if (child.isDirectory()) {
      const ignored = filter?.ignores(path, true) ?? false;
      if (!ignored) yield { type: 'directory', path };
      if (!ignored || !filter?.prunes) yield* walk(root, path, options);
    } else if (child.isFile() && !filter?.ignores(path, false)) {
      yield await fileEntry(join(root, path), path);
    }
  }
}

async function fileEntry(file: string, path: string): Promise<ArchiveEntry> {
  const { size, mode } = await lstat(file);
  const executable = (mode & 0o111) !== 0;
  const content = size <= wholeFileLimit ? await readFile(file) : () => createReadStream(file);
  return { type: 'file', path, executable, size: Buffer.isBuffer(content) ? content.length : size, content };
}

const sortByName = (children: Dirent[]) => children.sort((a, b) => compareNames(a.name, b.name));
