/** The stable machine-readable part of an {@link KustomizeError}. */
export type KustomizeErrorCode =
  | 'invalid-kustomization'
  | 'malformed-yaml'
  | 'missing-kustomization'
  | 'not-found'
  | 'security'
  | 'cycle'
  | 'unsupported'
  | 'limit'
  | 'aborted'
  | 'build';

/**
 * Why a build failed. The message names what was being done and the file, object or field concerned (KZE section 3);
 * `file` and `line` are set where one place in one file is at fault.
 */
export class KustomizeError extends Error {
  override readonly name = 'KustomizeError';
  readonly code: KustomizeErrorCode;
  /** Path of the file at fault, as the build sees it. */
  readonly file?: string;
  /** One-based line in `file`. */
  readonly line?: number;

  constructor(
    message: string,
    options: { code?: KustomizeErrorCode; file?: string; line?: number; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code ?? 'build';
    if (options.file !== undefined) this.file = options.file;
    if (options.line !== undefined) this.line = options.line;
  }
}

/** The text of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Wraps `error` as `<prefix>: <message>`, keeping its code and place. */
export function prefixed(prefix: string, error: unknown): KustomizeError {
  const inner = error instanceof KustomizeError ? error : undefined;
  return new KustomizeError(`${prefix}: ${messageOf(error)}`, {
    code: inner?.code,
    file: inner?.file,
    line: inner?.line,
    cause: error,
  });
}
