/** A file to be packed. `content` is the bytes, or a function that starts a new stream of exactly `size` bytes. */
export interface FileEntry {
  type: 'file';
  /** Relative to the root, separated by `/`, no leading `./`. */
  path: string;
  executable: boolean;
  /** In bytes. */
  size: number;
  content: Uint8Array | (() => AsyncIterable<Uint8Array>);
}

/** A directory to be packed; the root is `.`. */
export interface DirectoryEntry {
  type: 'directory';
  path: string;
}

/** What an archive holds: files and directories, nothing else (SRC-377). */
export type ArchiveEntry = FileEntry | DirectoryEntry;

/**
 * Tells whether a path (relative, separated by `/`) is left out. `prunes` says that everything below an ignored
 * directory is ignored too, so that it need not be visited.
 */
export interface PathFilter {
  ignores(path: string, isDirectory: boolean): boolean;
  readonly prunes: boolean;
}

/** Compares two names by their UTF-8 bytes, the order of entries within a directory (SRC-375). */
export function compareNames(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
