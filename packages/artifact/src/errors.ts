/** Why an archive was refused. */
export type ArchiveErrorReason =
  /** Not gzip, not tar, or cut short. */
  | 'Corrupt'
  /** An entry name that is empty, absolute, or leaves the target directory (RTM-304). */
  | 'IllegalPath'
  /** A link, device or other special entry (RTM-305). */
  | 'IllegalType'
  /** More entries or bytes than allowed (RTM-306). */
  | 'LimitExceeded'
  /** A source file changed its size while it was packed. */
  | 'FileChanged';

/** Packing or unpacking failed because of the archive or the tree itself, not because of the disk. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
  readonly reason: ArchiveErrorReason;

  constructor(reason: ArchiveErrorReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** Why a digest was refused. */
export type DigestErrorReason = 'Empty' | 'Malformed' | 'UnsupportedAlgorithm' | 'Mismatch';

/** A digest is missing, unreadable, or does not match the content. */
export class DigestError extends Error {
  override readonly name = 'DigestError';
  readonly reason: DigestErrorReason;

  constructor(reason: DigestErrorReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** Why an operation on the artifact storage failed. */
export type StorageErrorReason =
  /** The storage directory or the bind address is unusable: a start-up error. */
  | 'InvalidConfiguration'
  /** A path that leaves the storage directory. */
  | 'IllegalPath'
  /** The file is missing or not a regular file. */
  | 'NotFound'
  /** No space (or quota) left on the device. */
  | 'DiskFull'
  /** Garbage collection did not finish within its time budget (SRC-394). */
  | 'Timeout'
  /** Any other file system error; see `cause`. */
  | 'Failed';

/** An operation on the artifact storage failed. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly reason: StorageErrorReason;

  constructor(reason: StorageErrorReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** A file with ignore rules could not be read (event reason `SourceIgnoreError`, SRC-134). */
export class SourceIgnoreError extends Error {
  override readonly name = 'SourceIgnoreError';
}

/** The `code` of an error of Node.js itself (`ENOENT`, `Z_DATA_ERROR` …), or undefined for anything else. */
export function systemErrorCode(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}

/** Whether an operating system call failed. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return (error as NodeJS.ErrnoException | undefined)?.syscall !== undefined;
}
