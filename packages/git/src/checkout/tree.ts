import fs from 'node:fs';
import { join } from 'node:path';
import git from 'isomorphic-git';
import { CorruptObjectsError, LimitExceededError, UnsafeTreeError } from '../errors.ts';
import { checkEntryName } from './entry-name.ts';
import type { Gitlink, WrittenTree } from './job.ts';

// Far beyond real repositories; keeps a crafted tree (each level holding the next twice) from growing without end.
const maxEntries = 2_000_000;
const maxDepth = 256;

/**
 * Writes the tree of a commit into an empty directory: raw bytes, executables as 0755, symlinks as symlinks (SRC-282),
 * submodules as empty directories.
 *
 * Runs in a thread of its own, where plain synchronous writes are the fastest.
 *
 * @throws UnsafeTreeError, CorruptObjectsError.
 */
export async function writeTree(gitdir: string, tree: string, directory: string): Promise<WrittenTree> {
  const cache = {};
  const gitlinks: Gitlink[] = [];
  let files = 0;
  let entries = 0;

  async function write(oid: string, path: string, depth: number): Promise<void> {
    if (depth > maxDepth) throw new LimitExceededError(`the tree is nested deeper than ${maxDepth} levels`);
    const { tree: children } = await git.readTree({ fs, gitdir, oid, cache });
    for (const child of children) {
      if (++entries > maxEntries) throw new LimitExceededError(`the tree has more than ${maxEntries} entries`);
      checkEntryName(child.path, path);
      const target = path === '' ? child.path : `${path}/${child.path}`;
      const file = join(directory, target);
      if (child.mode === '040000') {
        creating(target, () => fs.mkdirSync(file, 0o755));
        await write(child.oid, target, depth + 1);
      } else if (child.mode === '160000') {
        creating(target, () => fs.mkdirSync(file, 0o755));
        gitlinks.push({ path: target, commit: child.oid });
      } else {
        const { blob } = await git.readBlob({ fs, gitdir, oid: child.oid, cache });
        files += 1;
        if (child.mode === '120000') writeLink(target, file, blob);
        // `wx` never follows a link that an earlier entry planted.
        else creating(target, () => fs.writeFileSync(file, blob, { flag: 'wx', mode: modeOf(child.mode, target) }));
      }
    }
  }

  fs.mkdirSync(directory, { recursive: true });
  if (fs.readdirSync(directory).length > 0) {
    throw new UnsafeTreeError(`the directory '${directory}' is not empty`);
  }
  await write(tree, '', 0);
  return { files, gitlinks };
}

function modeOf(mode: string, path: string): number {
  if (mode === '100755') return 0o755;
  if (mode === '100644' || mode === '100664') return 0o644;
  throw new CorruptObjectsError(`the tree has an entry '${path}' of unknown mode ${mode}`);
}

function writeLink(path: string, file: string, blob: Uint8Array): void {
  if (path.toLowerCase() === '.gitmodules') throw new UnsafeTreeError(`'${path}' must not be a symlink`);
  if (blob.includes(0) || blob.length === 0) throw new UnsafeTreeError(`the symlink '${path}' has an illegal target`);
  creating(path, () => fs.symlinkSync(Buffer.from(blob), file));
}

/** A name that is there already came twice, or collides on a file system that ignores case. */
function creating(path: string, create: () => void): void {
  try {
    create();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new UnsafeTreeError(`the tree has '${path}' twice, or in spellings that this file system cannot tell apart`);
  }
}
