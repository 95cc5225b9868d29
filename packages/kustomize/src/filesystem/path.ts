/** Pure `/`-path arithmetic, the same on every platform. */

/** Cleans a path: `.` and empty parts dropped, `..` applied. An absolute path stays absolute. */
export function cleanPath(path: string): string {
  const absolute = path.startsWith('/');
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (parts.length > 0 && parts.at(-1) !== '..') parts.pop();
      else if (!absolute) parts.push('..');
    } else {
      parts.push(part);
    }
  }
  return absolute ? `/${parts.join('/')}` : parts.join('/') || '.';
}

export function joinPath(...parts: string[]): string {
  return cleanPath(parts.filter((part) => part !== '').join('/'));
}

/** `path` seen from the directory `root`, unless it is absolute. */
export function resolvePath(root: string, path: string): string {
  return path.startsWith('/') ? cleanPath(path) : joinPath(root, path);
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function parentPath(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
}

/** True when `path` is `root` or below it, compared on whole elements (KZE-972). */
export function isWithin(root: string, path: string): boolean {
  return path === root || path.startsWith(root === '/' ? '/' : `${root}/`);
}

/** `path` relative to the directory `from`. */
export function relativePath(from: string, path: string): string {
  const a = from.split('/').filter(Boolean);
  const b = path.split('/').filter(Boolean);
  let shared = 0;
  while (shared < a.length && shared < b.length && a[shared] === b[shared]) shared++;
  return [...a.slice(shared).map(() => '..'), ...b.slice(shared)].join('/') || '.';
}
