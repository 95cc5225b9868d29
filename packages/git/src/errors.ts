/** Base of every error of this package. Messages name the repository without its credentials. */
export class GitError extends Error {
  override readonly name: string = 'GitError';
}

/** The options contradict each other or are malformed; only other options help. */
export class InvalidOptionsError extends GitError {
  override readonly name = 'InvalidOptionsError';
}

/** The URL has a scheme that this build cannot speak. */
export class UnsupportedTransportError extends GitError {
  override readonly name = 'UnsupportedTransportError';
}

/** The server wants (other) credentials (`authentication required`) or refuses these (`authorization failed`). */
export class AuthenticationError extends GitError {
  override readonly name = 'AuthenticationError';
}

/** There is no repository at the URL, or none that these credentials may see. */
export class RepositoryNotFoundError extends GitError {
  override readonly name = 'RepositoryNotFoundError';
}

/** The host cannot be resolved or connected to. */
export class UnreachableHostError extends GitError {
  override readonly name = 'UnreachableHostError';
}

/** The server's certificate is not trusted, or the client's certificate or key is unusable. */
export class CertificateError extends GitError {
  override readonly name = 'CertificateError';
}

/** The key of an SSH server is unknown, not the known one, or revoked. */
export class HostKeyError extends GitError {
  override readonly name = 'HostKeyError';
}

/** The deadline passed. */
export class TimeoutError extends GitError {
  override readonly name = 'TimeoutError';
}

/** The server answered with an error, or with something that is not the Git protocol. */
export class RemoteError extends GitError {
  override readonly name = 'RemoteError';
  /** The HTTP status of an answer that was not 200. */
  readonly status: number | undefined;

  constructor(message: string, options?: ErrorOptions & { status?: number }) {
    super(message, options);
    this.status = options?.status;
  }
}

/** The repository has no commits. */
export class EmptyRepositoryError extends GitError {
  override readonly name = 'EmptyRepositoryError';
}

/** The branch, tag, ref, version range or commit does not exist in the repository. */
export class ReferenceNotFoundError extends GitError {
  override readonly name = 'ReferenceNotFoundError';
}

/** The tree has an entry that must not be written to disk (SRC-421). */
export class UnsafeTreeError extends GitError {
  override readonly name = 'UnsafeTreeError';
}

/** More data than allowed. */
export class LimitExceededError extends GitError {
  override readonly name = 'LimitExceededError';
}

/** Objects are missing or damaged, in the answer of the server or in the kept copy. */
export class CorruptObjectsError extends GitError {
  override readonly name = 'CorruptObjectsError';
}
