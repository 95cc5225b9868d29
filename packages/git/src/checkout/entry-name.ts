import { UnsafeTreeError } from '../errors.ts';

// Characters that HFS+ leaves out when it compares names.
const ignorable = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/**
 * Refuses names that no tree may put on disk: those that leave their directory, and whatever some file system takes
 * for `.git` (SRC-421).
 *
 * @throws UnsafeTreeError
 */
export function checkEntryName(name: string, parent: string): void {
  const where = parent === '' ? 'the root' : `'${parent}'`;
  if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name)) {
    throw new UnsafeTreeError(`the tree has an illegal name ${JSON.stringify(name)} in ${where}`);
  }
  // NTFS ignores trailing dots and spaces, splits streams off at a colon, and has short names.
  const folded = name.replace(ignorable, '').toLowerCase();
  if (/^(\.git|git~1)[. ]*(:.*)?$/.test(folded) || (process.platform === 'win32' && name.includes('\\'))) {
    throw new UnsafeTreeError(`the tree has an entry ${JSON.stringify(name)} in ${where} that could pose as '.git'`);
  }
}
