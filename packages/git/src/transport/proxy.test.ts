import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, request as httpRequest, type Server as HttpServer } from 'node:http';
import { connect, createServer as createSocketServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { listRefs } from '../protocol/list-refs.ts';
import { createRepository, startGitServer, type GitServer, type TestRepository } from '../testing/index.ts';
import { closeConnections } from './dispatcher.ts';

const pem = (name: string) => readFileSync(join(import.meta.dirname, '../testdata', name), 'utf8');
const ca = pem('ca.crt');

let repository: TestRepository;
let plain: GitServer;
let secure: GitServer;
let proxy: Server | HttpServer;
let sockets: Set<Socket>;
/** The credentials that the proxy was shown. */
let credentials: Set<string | undefined>;

beforeAll(async () => {
  repository = await createRepository();
  await repository.commit({ a: '1' });
  const repositories = { app: repository.directory };
  plain = await startGitServer({ repositories });
  secure = await startGitServer({ repositories, tls: { cert: pem('server.crt'), key: pem('server.key') } });
});
beforeEach(() => {
  sockets = new Set();
  credentials = new Set();
});
afterEach(async () => {
  await closeConnections();
  for (const socket of sockets) socket.destroy();
  proxy.close();
});
afterAll(async () => {
  await Promise.all([plain.close(), secure.close(), repository.remove()]);
});

function track(...ends: Socket[]): void {
  for (const end of ends) sockets.add(end.on('error', () => undefined));
}

async function listen(server: Server | HttpServer): Promise<string> {
  proxy = server;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function tunnel(from: Socket, host: string, port: number, greeting: string | Buffer): Promise<void> {
  const to = connect(port, host);
  track(from, to);
  await once(to, 'connect');
  from.write(greeting);
  to.pipe(from).pipe(to);
}

/** An HTTP proxy: forwards plain requests, tunnels the others. */
function httpProxy(): HttpServer {
  const server = createHttpServer((request, response) => {
    credentials.add(request.headers['proxy-authorization']);
    const { method, headers } = request;
    const forwarded = httpRequest(request.url!, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    request.pipe(forwarded);
  });
  return server.on('connect', (request, socket: Socket) => {
    credentials.add(request.headers['proxy-authorization']);
    const { hostname, port } = new URL(`http://${request.url}`);
    void tunnel(socket, hostname, Number(port), 'HTTP/1.1 200 OK\r\n\r\n');
  });
}

/** A SOCKS5 proxy that wants a user and password (RFC 1928, RFC 1929). */
function socksProxy(): Server {
  const nextMessage = async (socket: Socket) => ((await once(socket, 'data')) as [Buffer])[0];
  return createSocketServer(async (socket) => {
    track(socket);
    await nextMessage(socket);
    socket.write(Buffer.from([5, 2]));
    const login = await nextMessage(socket);
    const userEnd = 2 + login[1]!;
    credentials.add(`${login.toString('utf8', 2, userEnd)}:${login.toString('utf8', userEnd + 1)}`);
    socket.write(Buffer.from([1, 0]));
    const wanted = await nextMessage(socket);
    const isName = wanted[3] === 3;
    const hostEnd = isName ? 5 + wanted[4]! : 8;
    const host = isName ? wanted.toString('utf8', 5, hostEnd) : wanted.subarray(4, 8).join('.');
    await tunnel(socket, host, wanted.readUInt16BE(hostEnd), Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
  });
}

test("SRC-240: where one tenant's proxy redirects to is nothing to others who ask for the same URL", async () => {
  const decoy = await createRepository();
  await decoy.commit({ b: '2' });
  const theirs = await startGitServer({ repositories: { app: decoy.directory } });
  const address = await listen(
    createHttpServer((request, response) => {
      const to = new URL(request.url!);
      const { method, headers } = request;
      if (to.port === String(plain.port)) {
        response.writeHead(302, { location: `${theirs.url}${to.pathname}${to.search}` }).end();
        return;
      }
      request.pipe(
        httpRequest(to, { method, headers }, (answer) => {
          response.writeHead(answer.statusCode!, answer.headers);
          answer.pipe(response);
        }),
      );
    }),
  );
  try {
    const url = `${plain.url}/app`;
    const redirected = await listRefs({ url, proxy: `http://${address}` });
    expect(redirected[0]!.oid).toBe(await decoy.git('rev-parse', 'HEAD'));
    const direct = await listRefs({ url });
    expect(direct[0]!.oid).toBe(await repository.git('rev-parse', 'HEAD'));
  } finally {
    await Promise.all([theirs.close(), decoy.remove()]);
  }
});

describe('proxies', () => {
  test('SRC-249, SRC-250, SRC-251: HTTP, for http and https URLs, with credentials', async () => {
    const address = await listen(httpProxy());
    const remote = { proxy: `http://user:pa%3Ass@${address}`, ca };
    expect(await listRefs({ ...remote, url: `${plain.url}/app` })).toHaveLength(2);
    expect(await listRefs({ ...remote, url: `${secure.url}/app` })).toHaveLength(2);
    expect([...credentials]).toEqual([`Basic ${Buffer.from('user:pa:ss').toString('base64')}`]);
  });

  test('SRC-249, SRC-251: SOCKS5, for http and https URLs, with credentials', async () => {
    const address = await listen(socksProxy());
    const remote = { proxy: `socks5://user:pa%3Ass@${address}`, ca };
    expect(await listRefs({ ...remote, url: `${plain.url}/app` })).toHaveLength(2);
    expect(await listRefs({ ...remote, url: `${secure.url}/app` })).toHaveLength(2);
    expect([...credentials]).toEqual(['user:pa:ss']);
  });

  test('SRC-249, SRC-426: other schemes are refused, and a dead proxy is named without its password', async () => {
    const address = await listen(httpProxy());
    proxy.close();
    const url = `${plain.url}/app`;
    await expect(listRefs({ url, proxy: 'ftp://x' })).rejects.toThrow(/proxy scheme 'ftp'.*http, https or socks5/);
    const failure = await listRefs({ url, proxy: `http://user:secret@${address}` }).catch((error: Error) => error);
    expect(failure).toMatchObject({ name: 'UnreachableHostError' });
    expect((failure as Error).message).not.toContain('secret');
  });
});
