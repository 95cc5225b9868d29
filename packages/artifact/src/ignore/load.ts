import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compareNames } from '../archive/entry.ts';
import { SourceIgnoreError } from '../errors.ts';
import { sourceIgnoreFileName, type SourceIgnoreFile } from './rules.ts';

/** Largest `.sourceignore` file that is read, in bytes. */
export const maxSourceIgnoreSize = 1024 * 1024;

/**
 * Reads every `.sourceignore` of a tree: the root's first, then the subdirectories' in name order, none below `.git`.
 * Only regular files count (SRC-406, SRC-407).
 *
 * @throws SourceIgnoreError when one is unreadable or larger than {@link maxSourceIgnoreSize}.
 */
export async function loadSourceIgnoreFiles(
  root: string,
  options: { signal?: AbortSignal } = {},
): Promise<SourceIgnoreFile[]> {
  const found: SourceIgnoreFile[] = [];
  async function visit(directory: string): Promise<void> {
    options.signal?.throwIfAborted();
    const children = await readdir(join(root, directory), { withFileTypes: true });
    if (children.some((child) => child.name === sourceIgnoreFileName && child.isFile())) {
      found.push({ directory, text: await readIgnoreFile(root, directory) });
    }
    const folders = children.filter((child) => child.isDirectory() && child.name !== '.git').map(({ name }) => name);
    for (const name of folders.sort(compareNames)) await visit(directory === '' ? name : `${directory}/${name}`);
  }
  await visit('');
  return found;
}

async function readIgnoreFile(root: string, directory: string): Promise<string> {
  const path = directory === '' ? sourceIgnoreFileName : `${directory}/${sourceIgnoreFileName}`;
  try {
    const { size } = await lstat(join(root, path));
    if (size > maxSourceIgnoreSize) throw new Error(`larger than ${maxSourceIgnoreSize} bytes`);
    return await readFile(join(root, path), 'utf8');
  } catch (error) {
    const detail = (error as Error).message;
    throw new SourceIgnoreError(`cannot read ignore rules from '${path}': ${detail}`, { cause: error });
  }
}
