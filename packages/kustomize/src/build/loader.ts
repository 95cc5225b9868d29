import { KustomizeError, messageOf } from '../errors.ts';
import { isWithin, resolvePath } from '../filesystem/path.ts';
import { type ReadOnlyFileSystem } from '../filesystem/types.ts';
import { classifyRemote } from './remote.ts';

/** Which files a kustomization may name: those in or below its own directory, or any that the file system shows (KZE-523). */
export type LoadRestriction = 'rootOnly' | 'none';

/** Reads files on behalf of one kustomization. */
export interface Loader {
  /** The directory of the kustomization, symlinks resolved. */
  readonly root: string;
  readonly fs: ReadOnlyFileSystem;
  readonly restriction: LoadRestriction;
  /** Roots on the way from the build target to this one, itself included. */
  readonly chain: readonly string[];
}

const DECODER = new TextDecoder('utf-8');

/**
 * The loader for the build target.
 *
 * @throws {KustomizeError} `must build at directory` (KZE-982).
 */
export function rootLoader(fs: ReadOnlyFileSystem, path: string, restriction: LoadRestriction): Loader {
  const root = directoryAt(fs, path, path);
  return { root, fs, restriction, chain: [root] };
}

/**
 * The loader for a base or component.
 *
 * @throws {KustomizeError} for empty, absolute, missing and remote entries, and for cycles (KZE-320 to KZE-326).
 */
export function childLoader(loader: Loader, entry: string): Loader {
  if (entry === '') throw new KustomizeError('new root cannot be empty');
  if (classifyRemote(entry) !== undefined) {
    throw new KustomizeError(`remote resource '${entry}' is not supported: only files of this source can be built`, {
      code: 'unsupported',
    });
  }
  if (entry.startsWith('/')) throw new KustomizeError(`new root '${entry}' cannot be absolute`);
  const root = directoryAt(loader.fs, resolvePath(loader.root, entry), entry);
  for (const visited of loader.chain) {
    if (isWithin(root, visited)) {
      throw new KustomizeError(`cycle detected: candidate root '${root}' contains visited root '${visited}'`, {
        code: 'cycle',
      });
    }
  }
  return { ...loader, root, chain: [...loader.chain, root] };
}

function directoryAt(fs: ReadOnlyFileSystem, path: string, entry: string): string {
  const real = fs.realPath(path);
  if (real === undefined) {
    throw new KustomizeError(
      `must build at directory: not a valid directory: evalsymlink failure on '${path}' : lstat ${path}: no such file or directory`,
      { code: 'not-found', file: entry },
    );
  }
  if (fs.stat(real) !== 'directory') {
    throw new KustomizeError(`must build at directory: '${real}': file is not directory`, {
      code: 'not-found',
      file: entry,
    });
  }
  return real;
}

/**
 * The bytes of a file named by a kustomization.
 *
 * @throws {KustomizeError} when it is missing, a directory, remote, or out of bounds.
 */
export function loadBytes(loader: Loader, entry: string): Uint8Array {
  if (classifyRemote(entry) === 'file') {
    throw new KustomizeError(`remote resource '${entry}' is not supported: only files of this source can be read`, {
      code: 'unsupported',
    });
  }
  const path = resolvePath(loader.root, entry);
  if (loader.restriction === 'rootOnly') checkInRoot(loader, path);
  return loader.fs.readFile(path);
}

function checkInRoot(loader: Loader, path: string): void {
  const real = loader.fs.realPath(path);
  if (real === undefined) {
    throw new KustomizeError(`evalsymlink failure on '${path}' : lstat ${path}: no such file or directory`, {
      code: 'not-found',
    });
  }
  if (loader.fs.stat(real) === 'directory')
    throw new KustomizeError(`'${real}' must resolve to a file`, { code: 'not-found' });
  if (!isWithin(loader.root, real)) {
    throw new KustomizeError(`security; file '${path}' is not in or below '${loader.root}'`, { code: 'security' });
  }
}

export function loadText(loader: Loader, entry: string): string {
  return DECODER.decode(loadBytes(loader, entry));
}

/** True when a path leads to a readable file: used where a text may be either content or a path. */
export function tryLoadText(loader: Loader, entry: string): { text: string } | { error: string } {
  try {
    return { text: loadText(loader, entry) };
  } catch (error) {
    return { error: messageOf(error) };
  }
}
