/**
 * All that a build may see of the world (KZE-970). Paths are absolute, `/`-separated and clean.
 * The three methods throw {@link KustomizeError} with code `not-found` or `security`.
 */
export interface ReadOnlyFileSystem {
  /** Contents of a file. Throws when there is none, or when it is a directory. */
  readFile(path: string): Uint8Array;
  /** What is at `path`, symlinks followed; undefined when nothing is. */
  stat(path: string): 'file' | 'directory' | undefined;
  /** Names in a directory, sorted. */
  readDir(path: string): string[];
  /** `path` with every symlink resolved; undefined when nothing is there. */
  realPath(path: string): string | undefined;
}
