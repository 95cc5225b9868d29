import { KustomizeError } from '../errors.ts';
import { cleanPath, parentPath } from './path.ts';
import { type ReadOnlyFileSystem } from './types.ts';

/** File contents by path; relative paths are taken from `/`. Structured-cloneable, so it can be sent to a worker. */
export type FileMap = Record<string, string | Uint8Array>;

/** A tree held in memory. */
export function memoryFileSystem(files: FileMap): ReadOnlyFileSystem {
  const contents = new Map<string, string | Uint8Array>();
  const directories = new Map<string, Set<string>>([['/', new Set()]]);
  for (const [name, content] of Object.entries(files)) {
    const path = cleanPath(`/${name}`);
    contents.set(path, content);
    let child = path;
    while (child !== '/') {
      const parent = parentPath(child);
      const known = directories.get(parent) ?? new Set();
      directories.set(parent, known.add(child.slice(parent === '/' ? 1 : parent.length + 1)));
      child = parent;
    }
  }
  const stat = (path: string) => (contents.has(path) ? 'file' : directories.has(path) ? 'directory' : undefined);
  const encoder = new TextEncoder();
  return {
    readFile(path) {
      const content = contents.get(path);
      if (content !== undefined) return typeof content === 'string' ? encoder.encode(content) : content;
      const reason = directories.has(path) ? `read ${path}: is a directory` : `open ${path}: no such file or directory`;
      throw new KustomizeError(reason, { code: 'not-found' });
    },
    stat,
    readDir(path) {
      const names = directories.get(path);
      if (!names) throw new KustomizeError(`open ${path}: no such file or directory`, { code: 'not-found' });
      return [...names].sort();
    },
    realPath: (path) => (stat(path) === undefined ? undefined : path),
  };
}

/** `below` with the files of `above` laid over it: how generated or merged kustomization files reach a build. */
export function overlayFileSystem(below: ReadOnlyFileSystem, above: FileMap): ReadOnlyFileSystem {
  const changed = new Map(Object.entries(above).map(([path, content]) => [cleanPath(`/${path}`), content]));
  const encoder = new TextEncoder();
  return {
    readFile(path) {
      const content = changed.get(path);
      if (content === undefined) return below.readFile(path);
      return typeof content === 'string' ? encoder.encode(content) : content;
    },
    stat: (path) => (changed.has(path) ? 'file' : below.stat(path)),
    readDir(path) {
      const names = new Set(below.readDir(path));
      for (const file of changed.keys()) if (parentPath(file) === path) names.add(file.slice(path.length + 1));
      return [...names].sort();
    },
    realPath: (path) => (changed.has(path) ? path : below.realPath(path)),
  };
}
