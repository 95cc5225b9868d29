import { AuthenticationError, GitError, RepositoryNotFoundError } from '../errors.ts';
import {
  openConnection,
  redactUrl,
  withDeadline,
  type GitConnection,
  type GitRemote,
  type OperationOptions,
} from '../transport/connection.ts';
import { readRefs, type RemoteRef } from './refs.ts';

/** Options of {@link listRefs}. */
export interface ListRefsOptions extends OperationOptions {
  /** Only refs whose names begin with one of these; all refs when empty or missing. */
  prefixes?: readonly string[];
}

/**
 * The refs of a remote repository; no objects are transferred. With a server of protocol version 2 that was seen before
 * this is a single HTTP request.
 *
 * @throws GitError of the kind of failure; the message begins with `unable to list remote for '<url>'`.
 */
export async function listRefs(remote: GitRemote, options: ListRefsOptions = {}): Promise<RemoteRef[]> {
  const what = `unable to list remote for '${redactUrl(remote.url)}'`;
  return withDeadline(what, options, (signal) =>
    naming(what, async () => {
      const connection = openConnection(remote, signal);
      try {
        return await rediscovering(connection, () => readRefs(connection, options.prefixes ?? []));
      } finally {
        await connection.close();
      }
    }),
  );
}

/**
 * Runs an exchange; when it fails on what was only remembered of the server (moved, another protocol version), asks
 * the server anew and tries once more.
 */
export async function rediscovering<T>(connection: GitConnection, exchange: () => Promise<T>): Promise<T> {
  try {
    return await exchange();
  } catch (error) {
    if (!connection.assumed || !(error instanceof GitError)) throw error;
    connection.forget();
    return exchange();
  }
}

/** Puts what was attempted in front of the message of a {@link GitError}, and keeps its class. */
export async function naming<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof GitError) {
      const hint =
        error instanceof AuthenticationError || error instanceof RepositoryNotFoundError
          ? '; check URL and credentials'
          : '';
      error.message = `${what}: ${error.message}${hint}`;
    }
    throw error;
  }
}
