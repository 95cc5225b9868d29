/** The server has no such file; the source is likely about to store it again (RTM-252). */
export class ArtifactNotFoundError extends Error {
  constructor(url: string) {
    super(`artifact not found: ${url} answered 404`);
    this.name = 'ArtifactNotFoundError';
  }
}

/** An artifact could not be downloaded, or is not what its digest says, or does not unpack (RTM-253…256). */
export class ArtifactFetchError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ArtifactFetchError';
  }
}
