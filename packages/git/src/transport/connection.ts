import { GitError, InvalidOptionsError, TimeoutError, UnsupportedTransportError } from '../errors.ts';
import { openHttpConnection } from './http.ts';
import { openSshConnection, type SshOptions } from './ssh/ssh.ts';

/** Credentials of a remote over HTTP. */
export type GitAuth = { type: 'basic'; username: string; password: string } | { type: 'bearer'; token: string };

/** A remote repository and how to reach it. */
export interface GitRemote {
  /**
   * `http://` or `https://`, whose user and password are used when `auth` has none (SRC-235), or `ssh://`, whose user
   * is `git` when it names none (SRC-234).
   */
  url: string;
  auth?: GitAuth;
  /** Needed for `ssh://`, and for nothing else. */
  ssh?: SshOptions;
  /** Certificates in PEM that are trusted besides the system's. */
  ca?: string;
  /** Client certificate and key in PEM. */
  clientCert?: { cert: string; key: string };
  /**
   * `http://`, `https://` or `socks5://`, with user and password if needed; for SSH only the last. Default: the proxy
   * environment variables (SRC-250).
   */
  proxy?: string;
}

/** Limits of one operation. */
export interface OperationOptions {
  signal?: AbortSignal;
  /** Deadline in milliseconds. Default 60,000 (SRC-14). */
  timeout?: number;
}

/** What a server says first. Older servers (version 0) send all their refs along. */
export interface Discovery {
  version: 0 | 2;
  /** Capability names with their values (empty for a flag). */
  capabilities: ReadonlyMap<string, string>;
  /** The advertised refs of a version 0 server: name (`^{}` behind that of a peeled tag) to object id. */
  refs?: ReadonlyMap<string, string>;
}

/** A connection to `git-upload-pack` of one repository. A transport implements it: HTTP, SSH. */
export interface GitConnection {
  /** What the server can do; asked once per connection, and remembered beyond where the transport can. */
  discover(): Promise<Discovery>;
  /** Whether {@link discover} answered from memory, so that a failure may mean that the server changed. */
  readonly assumed: boolean;
  /** Forgets what is remembered of the server. */
  forget(): void;
  /** Sends one request and streams the answer. */
  exchange(request: string): AsyncIterable<Uint8Array>;
  /** Frees what the connection holds. */
  close(): Promise<void>;
}

/**
 * Connects to a remote, by the scheme of its URL.
 *
 * @throws InvalidOptionsError, UnsupportedTransportError.
 */
export function openConnection(remote: GitRemote, signal: AbortSignal): GitConnection {
  const url = parseRemoteUrl(remote.url);
  if (url.protocol === 'http:' || url.protocol === 'https:') return openHttpConnection(url, remote, signal);
  if (url.protocol === 'ssh:') return openSshConnection(url, remote, signal);
  throw new UnsupportedTransportError(
    `cannot connect to '${redactUrl(remote.url)}': the scheme '${url.protocol.slice(0, -1)}' is not supported, use http, https or ssh`,
  );
}

/** Parses the URL of a remote (SRC-108). */
export function parseRemoteUrl(text: string): URL {
  try {
    return new URL(text);
  } catch (error) {
    throw new InvalidOptionsError(`failed to parse url '${redactUrl(text)}': ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/**
 * The URL for messages: its password is masked (SRC-426), and over HTTP(S) a user name without password too, because that
 * is how tokens are written into URLs.
 */
export function redactUrl(text: string): string {
  return text.replace(/^([a-z0-9+.-]+:\/\/)([^/?#]*)@/i, (_, scheme: string, user: string) => {
    const colon = user.indexOf(':');
    if (colon >= 0) return `${scheme}${user.slice(0, colon)}:***@`;
    return `${scheme}${/^https?:/i.test(scheme) ? '***' : user}@`;
  });
}

/**
 * Runs an operation under its deadline, and with the caller's signal. Whatever an abort makes of the work, a passed
 * deadline is reported as {@link TimeoutError}, and the caller's abort with the caller's reason.
 */
export async function withDeadline<T>(
  what: string,
  options: OperationOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const timeout = options.timeout ?? 60_000;
  options.signal?.throwIfAborted();
  const deadline = AbortSignal.timeout(timeout);
  const signal = options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]);
  try {
    return await work(signal);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (deadline.aborted && !(error instanceof GitError)) {
      throw new TimeoutError(`${what}: deadline of ${timeout / 1000}s exceeded`, { cause: error });
    }
    throw error;
  }
}
