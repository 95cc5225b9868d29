import { spawn } from 'node:child_process';
import { timingSafeEqual } from 'node:crypto';
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { gitEnvironment } from './repository.ts';

/** What a server does instead of serving. */
export type GitServerFault =
  /** Never answers. */
  | { kind: 'hang' }
  /** Answers with a status. */
  | { kind: 'status'; status: number }
  /** Answers 200 with something that is not Git. */
  | { kind: 'garbage' }
  /** Sends this much of each answer, then cuts the connection. */
  | { kind: 'cut'; after: number }
  /** Redirects the discovery to another base URL. */
  | { kind: 'redirect'; to: string };

/** Options of {@link startGitServer}. */
export interface GitServerOptions {
  /** Repositories by name: bare ones, or directories with a work tree, which are served as they are. */
  repositories: Record<string, string>;
  /** Credentials that every request must carry. */
  auth?: { username: string; password: string } | { token: string };
  /** Serves HTTPS. With `clientCa`, only clients with a certificate of that authority get in. */
  tls?: { cert: string; key: string; clientCa?: string };
  /** Whether clients may push. A pushed branch that is checked out in a clean work tree moves the work tree along. */
  push?: boolean;
  /** Git configuration of the serving processes, such as `{'uploadpack.allowFilter': 'true'}`. */
  config?: Record<string, string>;
  /** Highest protocol version to speak. Default 2. */
  protocolVersion?: 0 | 2;
  /** Default `127.0.0.1`. */
  host?: string;
  /** Default: a free one. */
  port?: number;
}

/** A request as the server saw it. */
export interface GitServerRequest {
  method: string;
  /** Path with query. */
  url: string;
  authorization: string | undefined;
}

/** A running Git server. */
export interface GitServer {
  /** Without trailing slash; a repository's URL is `<url>/<name>`. */
  readonly url: string;
  readonly port: number;
  /** Every request so far, oldest first (the last 1,000). */
  readonly requests: GitServerRequest[];
  /** Adds or replaces a repository. */
  serve(name: string, directory: string): void;
  /** From now on, misbehave; or stop that. */
  fault(fault: GitServerFault | undefined): void;
  /** Stops at once, with the git processes under way. */
  close(): Promise<void>;
}

/**
 * Serves repositories over smart HTTP with the stock `git`, which must be installed. For tests, and for running the
 * toolkit against local directories; not meant for strangers.
 */
export async function startGitServer(options: GitServerOptions): Promise<GitServer> {
  const repositories = new Map(Object.entries(options.repositories));
  const requests: GitServerRequest[] = [];
  let fault: GitServerFault | undefined;

  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const { method = '', url = '', headers } = request;
    requests.push({ method, url, authorization: headers.authorization });
    if (requests.length > 1_000) requests.shift();
    if (fault !== undefined && inject(fault, request, response)) return;
    if (!isAuthorized(headers.authorization, options.auth)) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end('credentials needed\n');
      return;
    }
    const found = /^\/(.+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/.exec(
      decodeURIComponent(url.replace(/\?.*$/, '')),
    );
    const directory = repositories.get(found?.[1] ?? '');
    const service = found?.[2] === 'info/refs' ? new URL(url, 'http://server').searchParams.get('service') : found?.[2];
    if (directory === undefined || (service !== 'git-upload-pack' && service !== 'git-receive-pack')) {
      response.writeHead(404).end('not found\n');
    } else if (service === 'git-receive-pack' && !options.push) {
      response.writeHead(403).end('pushing is not allowed\n');
    } else {
      runService(request, response, service, directory, found?.[2] === 'info/refs', options).catch(() =>
        response.destroy(),
      );
    }
  };

  const server = createServer(options, listener);
  await new Promise<void>((done, failed) => {
    server.once('error', failed);
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1', done);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://${options.host ?? '127.0.0.1'}:${port}`,
    port,
    requests,
    serve: (name, directory) => void repositories.set(name, directory),
    fault: (next) => void (fault = next),
    async close() {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}

function createServer({ tls }: GitServerOptions, listener: (i: IncomingMessage, o: ServerResponse) => void): Server {
  if (tls === undefined) return createHttpServer(listener);
  const { cert, key, clientCa } = tls;
  const mutual = clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true };
  return createHttpsServer({ cert, key, ...mutual }, listener);
}

function isAuthorized(header: string | undefined, auth: GitServerOptions['auth']): boolean {
  if (auth === undefined) return true;
  const expected =
    'token' in auth
      ? `Bearer ${auth.token}`
      : `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`;
  const [given, wanted] = [Buffer.from(header ?? ''), Buffer.from(expected)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** Does what a fault says; false when the request is to be served all the same. */
function inject(fault: GitServerFault, request: IncomingMessage, response: ServerResponse): boolean {
  request.resume();
  switch (fault.kind) {
    case 'hang':
      return true;
    case 'status':
      response.writeHead(fault.status).end('fault\n');
      return true;
    case 'garbage':
      response.writeHead(200, { 'content-type': contentTypeOf(request) }).end('<html>Welcome to the proxy</html>');
      return true;
    case 'redirect': {
      const suffix = /\/[^/]+\/info\/refs.*$/.exec(request.url ?? '')?.[0] ?? '';
      response.writeHead(302, { location: `${fault.to}${suffix}` }).end();
      return true;
    }
    case 'cut':
      cutAfter(response, fault.after);
      return false;
  }
}

const contentTypeOf = (request: IncomingMessage) =>
  request.method === 'GET' ? 'application/x-git-upload-pack-advertisement' : 'application/x-git-upload-pack-result';

function cutAfter(response: ServerResponse, limit: number): void {
  let sent = 0;
  const write = response.write.bind(response);
  response.write = ((chunk: Buffer, ...rest: never[]) => {
    sent += chunk.length;
    if (sent <= limit) return write(chunk, ...rest);
    write(chunk.subarray(0, Math.max(0, chunk.length - (sent - limit))));
    setImmediate(() => response.destroy());
    return true;
  }) as typeof response.write;
}

async function runService(
  request: IncomingMessage,
  response: ServerResponse,
  service: 'git-upload-pack' | 'git-receive-pack',
  directory: string,
  advertises: boolean,
  options: GitServerOptions,
): Promise<void> {
  const requested = request.headers['git-protocol'];
  const protocol = (options.protocolVersion ?? 2) === 2 && typeof requested === 'string' ? requested : undefined;
  const config = {
    // Directories of other users are served too: whoever started the server chose them.
    'safe.directory': '*',
    'receive.denyCurrentBranch': 'updateInstead',
    ...options.config,
  };
  const pairs = Object.entries(config).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  const child = spawn(
    'git',
    [...pairs, service.slice('git-'.length), '--stateless-rpc', ...(advertises ? ['--advertise-refs'] : []), directory],
    { env: gitEnvironment({ GIT_PROTOCOL: protocol }), stdio: ['pipe', 'pipe', 'ignore'] },
  );
  response.once('close', () => child.kill('SIGKILL'));
  child.once('error', () => response.destroy());
  child.stdin.on('error', () => undefined);

  response.writeHead(200, {
    'content-type': `application/x-${service}-${advertises ? 'advertisement' : 'result'}`,
    'cache-control': 'no-cache',
  });
  if (advertises) {
    child.stdin.end();
    const isV2 = protocol?.split(':').includes('version=2') === true && service === 'git-upload-pack';
    const banner = `# service=${service}\n`;
    if (!isV2) response.write(Buffer.from(`${(banner.length + 4).toString(16).padStart(4, '0')}${banner}0000`));
    await pipeline(child.stdout, response);
    return;
  }
  const unpacked = request.headers['content-encoding'] === 'gzip' ? [createGunzip()] : [];
  await Promise.all([
    pipeline([request, ...unpacked, child.stdin]).catch(() => undefined),
    pipeline(child.stdout, response),
  ]);
}
