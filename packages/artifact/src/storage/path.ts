import { lstatSync, realpathSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { StorageError } from '../errors.ts';

/**
 * Joins a relative path to a base directory such that neither `..` nor a symlink on the way leads out of it
 * (SRC-369, RTM-307). The last element may be missing, and may be a symlink that stays inside.
 *
 * @throws StorageError `IllegalPath`.
 */
export function resolveInside(base: string, path: string): string {
  const root = resolve(base);
  const target = resolve(join(root, path));
  if (path.includes('\0') || (target !== root && !target.startsWith(root + sep))) throw illegal(path);
  const realRoot = realpathSync(root);
  // The deepest part that exists tells where the rest would end up.
  for (let existing = target; existing !== root; existing = resolve(existing, '..')) {
    if (lstatSync(existing, { throwIfNoEntry: false }) === undefined) continue;
    let real: string;
    try {
      real = realpathSync(existing);
    } catch {
      throw illegal(path); // A dangling link, or a loop.
    }
    if (real !== realRoot && !real.startsWith(realRoot + sep)) throw illegal(path);
    break;
  }
  return target;
}

const illegal = (path: string) => new StorageError('IllegalPath', `path '${path}' leads outside of its directory`);
