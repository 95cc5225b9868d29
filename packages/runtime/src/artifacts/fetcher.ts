/** Facts of `status.artifact` that a fetch needs (RTM-25…30). */
export interface ArtifactRef {
  url: string;
  revision: string;
  digest?: string;
}

/** An unpacked artifact, shared with other consumers: read-only. It stays until released. */
export interface ArtifactLease {
  /** Absolute path of the directory with the artifact's files. */
  readonly directory: string;
  readonly digest: string;
  /** Gives the directory back; idempotent. */
  release(): void;
  [Symbol.dispose](): void;
}

/** Downloads, verifies, unpacks and shares artifacts. */
export interface ArtifactFetcher {
  /**
   * The unpacked artifact. Concurrent and later calls for the same digest share one download and one directory.
   *
   * @throws ArtifactNotFoundError the server answered 404 (RTM-252)
   * @throws ArtifactFetchError any other failure: HTTP status, size limit, digest, archive (RTM-253…256)
   */
  fetch(artifact: ArtifactRef, options: { signal: AbortSignal }): Promise<ArtifactLease>;
  /** Removes every directory. */
  close(): Promise<void>;
}
