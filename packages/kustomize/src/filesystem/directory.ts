import { readFileSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { KustomizeError } from '../errors.ts';
import { isWithin } from './path.ts';
import { type ReadOnlyFileSystem } from './types.ts';

/**
 * The tree under `root` on disk. Every access is resolved through symlinks first and refused when it leaves the tree
 * (KZE-971 to KZE-973). Paths are those of the disk.
 *
 * @throws {KustomizeError} `not-found` when `root` is no directory.
 */
export function directoryFileSystem(root: string): ReadOnlyFileSystem {
  const base = realOf(root);
  if (base === undefined) throw new KustomizeError(`open ${root}: no such file or directory`, { code: 'not-found' });

  const confined = (operation: string, path: string): string | undefined => {
    const real = realOf(path);
    if (real === undefined) {
      // Nothing there; still do not tell what lies outside.
      if (isWithin(base, path) || isWithin(root, path)) return undefined;
      throw outside(operation, path, base);
    }
    if (!isWithin(base, real)) throw outside(operation, path, base);
    return real;
  };

  return {
    readFile(path) {
      const real = confined('read', path);
      if (real === undefined)
        throw new KustomizeError(`open ${path}: no such file or directory`, { code: 'not-found' });
      if (statSync(real).isDirectory()) throw new KustomizeError(`read ${path}: is a directory`, { code: 'not-found' });
      return readFileSync(real);
    },
    stat(path) {
      const real = confined('stat', path);
      if (real === undefined) return undefined;
      const found = statSync(real, { throwIfNoEntry: false });
      return found?.isDirectory() ? 'directory' : found?.isFile() ? 'file' : undefined;
    },
    readDir(path) {
      const real = confined('open', path);
      if (real === undefined)
        throw new KustomizeError(`open ${path}: no such file or directory`, { code: 'not-found' });
      return readdirSync(real).sort();
    },
    realPath: (path) => confined('abs', path),
  };
}

function realOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function outside(operation: string, path: string, root: string): KustomizeError {
  return new KustomizeError(
    `fs-security-constraint ${operation} ${path}: path '${path}' is not in or below '${root}'`,
    { code: 'security', file: path },
  );
}
