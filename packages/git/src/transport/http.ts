import { createHash } from 'node:crypto';
import { request, type Dispatcher } from 'undici';
import {
  AuthenticationError,
  CertificateError,
  GitError,
  InvalidOptionsError,
  RemoteError,
  RepositoryNotFoundError,
  UnreachableHostError,
} from '../errors.ts';
import { type Discovery, type GitConnection, type GitRemote } from './connection.ts';
import { parseDiscovery } from './discovery.ts';
import { dispatcherFor } from './dispatcher.ts';

const maxRedirects = 10;
const service = 'git-upload-pack';

/** A server that was discovered lately: where its repository really is, and what it can do. */
interface KnownServer {
  base: string;
  sendsCredentials: boolean;
  discovery: Discovery;
  expires: number;
}

// Only protocol version 2 is remembered: there, what a server can do does not come with its refs. It saves one of two
// requests of every check of a remote. The key has all that is needed to reach the server: whoever chooses a proxy or a CA
// decides who answers, and must not decide it for others.
const known = new Map<string, KnownServer>();
const knownCapacity = 2_000;
const knownFor = 3_600_000;

/** Connects to a repository over smart HTTP (SRC-234…242). */
export function openHttpConnection(url: URL, remote: GitRemote, signal: AbortSignal): GitConnection {
  const authorization = authorizationOf(url, remote);
  const dispatcher = dispatcherFor(remote);
  const start = new URL(url);
  start.username = '';
  start.password = '';
  start.hash = '';
  start.pathname = start.pathname.replace(/\/+$/, '');
  const key = keyOf(start.href, authorization, remote);
  const remembered = known.get(key);
  let server = remembered !== undefined && remembered.expires > Date.now() ? remembered : undefined;
  let assumed = server !== undefined;

  function headersFor(sendsCredentials: boolean): Record<string, string> {
    return {
      // Servers tell Git clients from browsers by this prefix.
      'user-agent': 'git/2.0 (gitops-toolkit)',
      'git-protocol': 'version=2',
      ...(sendsCredentials && authorization !== undefined ? { authorization } : {}),
    };
  }

  async function discover(): Promise<Discovery> {
    if (server !== undefined) return server.discovery;
    let target = serviceUrl(start.href, `/info/refs?service=${service}`);
    let sendsCredentials = true;
    for (let hops = 0; ; hops++) {
      const response = await send(target, { method: 'GET', headers: headersFor(sendsCredentials), dispatcher, signal });
      const location = response.headers.location;
      if (response.statusCode >= 301 && response.statusCode <= 308 && typeof location === 'string') {
        await response.body.dump();
        if (hops === maxRedirects) throw new RemoteError(`stopped after ${maxRedirects} redirects`);
        const next = redirectTarget(target, location);
        // Another host or port is another server, which must not see the credentials (SRC-240).
        if (effectiveOrigin(next) !== effectiveOrigin(target)) sendsCredentials = false;
        target = next;
        continue;
      }
      await checkStatus(response);
      const type = String(response.headers['content-type'] ?? '');
      if (!type.startsWith(`application/x-${service}-advertisement`)) {
        await response.body.dump();
        throw new RemoteError('the server does not speak the smart HTTP protocol of Git');
      }
      const discovery = await parseDiscovery(body(response, target));
      server = {
        base: target.href.replace(/\/info\/refs(\?.*)?$/, ''),
        sendsCredentials,
        discovery,
        expires: Date.now() + knownFor,
      };
      assumed = false;
      if (discovery.version === 2) remember(key, server);
      return discovery;
    }
  }

  return {
    discover,
    get assumed() {
      return assumed;
    },
    forget() {
      known.delete(key);
      server = undefined;
      assumed = false;
    },
    async *exchange(content) {
      if (server === undefined) await discover();
      const { base, sendsCredentials } = server!;
      const target = new URL(`${base}/${service}`);
      const response = await send(target, {
        method: 'POST',
        headers: {
          ...headersFor(sendsCredentials),
          'content-type': `application/x-${service}-request`,
          accept: `application/x-${service}-result`,
        },
        body: content,
        dispatcher,
        signal,
      });
      await checkStatus(response);
      yield* body(response, target);
    },
    // The sockets belong to the shared pool.
    close: async () => undefined,
  };
}

function keyOf(url: string, authorization: string | undefined, { ca, clientCert, proxy }: GitRemote): string {
  const facts = [url, authorization, ca, clientCert?.cert, clientCert?.key, proxy];
  return createHash('sha256').update(JSON.stringify(facts)).digest('base64');
}

function remember(key: string, server: KnownServer): void {
  known.delete(key);
  known.set(key, server);
  if (known.size > knownCapacity) known.delete(known.keys().next().value!);
}

function serviceUrl(base: string, suffix: string): URL {
  const url = new URL(base);
  // A query in the repository URL stays out of the way of ours.
  url.search = '';
  return new URL(`${url.href.replace(/\/+$/, '')}${suffix}`);
}

/** The `Authorization` header: bearer token, or basic with what the URL adds (SRC-228, SRC-235…239). */
function authorizationOf(url: URL, { auth }: GitRemote): string | undefined {
  const fromUrl = { username: decode(url.username), password: decode(url.password) };
  if (auth?.type === 'bearer') {
    if (fromUrl.username !== '' || fromUrl.password !== '') {
      throw new InvalidOptionsError('basic auth and bearer token cannot be set at the same time');
    }
    return auth.token === '' ? undefined : `Bearer ${headerSafe(auth.token)}`;
  }
  const username = auth?.username || fromUrl.username;
  const password = auth?.password || fromUrl.password;
  if (username === '' && password === '') return undefined;
  if (username === '') {
    throw new InvalidOptionsError(
      `invalid '${url.protocol.slice(0, -1)}' auth option: 'password' requires 'username' to be set`,
    );
  }
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function headerSafe(token: string): string {
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new InvalidOptionsError('the bearer token has characters no header can carry');
  return token;
}

/** Where a redirect of the discovery leads (SRC-240). */
function redirectTarget(from: URL, location: string): URL {
  let next: URL;
  try {
    next = new URL(location, from);
  } catch (error) {
    throw new RemoteError('the server redirects to something that is not a URL', { cause: error });
  }
  const isUpgrade = from.protocol === 'http:' && next.protocol === 'https:';
  if (next.protocol !== from.protocol && !isUpgrade) {
    throw new RemoteError(`the server redirects from ${from.protocol.slice(0, -1)} to ${next.protocol.slice(0, -1)}`);
  }
  if (!next.pathname.endsWith('/info/refs')) {
    throw new RemoteError('the server redirects to something that is not a Git repository');
  }
  next.username = '';
  next.password = '';
  if (next.search === '') next.search = from.search;
  return next;
}

const effectiveOrigin = (url: URL) => `${url.hostname}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`;

type Response = Dispatcher.ResponseData<unknown>;

async function send(target: URL, options: Parameters<typeof request>[1]): Promise<Response> {
  try {
    return await request(target, options);
  } catch (error) {
    throw networkError(error, target);
  }
}

async function* body(response: Response, target: URL): AsyncIterable<Uint8Array> {
  try {
    yield* response.body as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw networkError(error, target);
  }
}

async function checkStatus(response: Response): Promise<void> {
  const { statusCode } = response;
  if (statusCode === 200) return;
  await response.body.dump();
  if (statusCode === 401) throw new AuthenticationError('authentication required');
  if (statusCode === 403) throw new AuthenticationError('authorization failed');
  if (statusCode === 404) throw new RepositoryNotFoundError('repository not found');
  throw new RemoteError(`the server answered with status ${statusCode}`, { status: statusCode });
}

/** Names the kind of a network failure. Aborts pass through: the deadline's owner names those. */
function networkError(error: unknown, target: URL): unknown {
  if (error instanceof GitError) return error;
  const code = codeOf(error);
  const message = (error as Error).message;
  if ((error as Error).name === 'AbortError' || (error as Error).name === 'TimeoutError') return error;
  if (code === undefined) return error;
  if (isTrustFailure(code)) {
    return new CertificateError(`tls: failed to verify certificate: x509: ${trustFailure(code, message)}`, {
      cause: error,
    });
  }
  if (code.startsWith('ERR_SSL') || code === 'EPROTO') {
    return new CertificateError(`tls: handshake failed: ${message}`, { cause: error });
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new UnreachableHostError(`no such host '${target.hostname}'`, { cause: error });
  }
  if (/^(ECONN|EHOST|ENET|EPIPE|ETIMEDOUT|UND_ERR_CONNECT|UND_ERR_SOCKET|UND_ERR_PRX)/.test(code)) {
    return new UnreachableHostError(`cannot talk to '${target.host}': ${message || code}`, { cause: error });
  }
  return new RemoteError(`the answer of '${target.host}' is broken: ${message}`, { cause: error });
}

function codeOf(error: unknown): string | undefined {
  const { code, errors, cause } = error as { code?: string; errors?: unknown[]; cause?: unknown };
  // Connecting to several addresses fails with one error per address.
  return code ?? (errors?.[0] !== undefined ? codeOf(errors[0]) : cause !== undefined ? codeOf(cause) : undefined);
}

const isTrustFailure = (code: string) =>
  /SELF_SIGNED|UNABLE_TO_|CERT_|ERR_TLS_CERT|INVALID_PURPOSE|HOSTNAME_MISMATCH|CRL_/.test(code);

function trustFailure(code: string, message: string): string {
  if (/SELF_SIGNED|UNABLE_TO_|CERT_UNTRUSTED/.test(code)) {
    return 'certificate signed by unknown authority; add its CA to the secret';
  }
  return message;
}
