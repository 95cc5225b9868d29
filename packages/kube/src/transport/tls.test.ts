import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect, createServer as createTcp, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type ClientConfig } from '../index.ts';
import { sendJson, startServer, type TestServer } from '../testing/server.ts';

const tlsFolder = join(import.meta.dirname, '../../testdata/tls');
const pem = (name: string) => readFileSync(join(tlsFolder, name), 'utf8');
const ca = pem('ca.crt');

let server: TestServer;
async function serve(name: string): Promise<void> {
  server = await startServer((request, response) => sendJson(response, { peer: request.peer ?? null }), {
    cert: pem(`${name}.crt`),
    key: pem(`${name}.key`),
    ca,
    ...{ requestCert: true, rejectUnauthorized: false },
  });
}
afterEach(() => server.stop());

async function ask(config: Partial<ClientConfig>): Promise<unknown> {
  const client = createClient({ server: server.url, ...config });
  try {
    return await client.request('GET', '/version');
  } finally {
    await client.close();
  }
}

describe('TLS', () => {
  test('the server needs a certificate of the CA, for its name', async () => {
    await serve('server');
    expect(await ask({ tls: { ca } })).toEqual({ peer: null });
    expect(await ask({ tls: { caFile: join(tlsFolder, 'ca.crt') } })).toEqual({ peer: null });
    await expect(ask({})).rejects.toMatchObject({
      name: 'ConnectionError',
      message: expect.stringContaining('certificate'),
    });
    await expect(ask({ tls: { caFile: '/no/such/ca.crt' } })).rejects.toThrow(
      'cannot read the CA file /no/such/ca.crt',
    );
  });

  test('another name can be expected, and checks can be switched off', async () => {
    await serve('elsewhere');
    await expect(ask({ tls: { ca } })).rejects.toThrow("does not match certificate's altnames");
    expect(await ask({ tls: { ca, serverName: 'kube.example' } })).toEqual({ peer: null });
    expect(await ask({ tls: { insecure: true } })).toEqual({ peer: null });
  });

  test('client certificates prove who we are, from text or from files', async () => {
    await serve('server');
    expect(await ask({ tls: { ca, cert: pem('client.crt'), key: pem('client.key') } })).toEqual({ peer: 'alice' });
    const folder = await mkdtemp(join(tmpdir(), 'tls-'));
    const [certFile, keyFile] = [join(folder, 'c.crt'), join(folder, 'c.key')];
    await copyFile(join(tlsFolder, 'other.crt'), certFile);
    await copyFile(join(tlsFolder, 'other.key'), keyFile);
    expect(await ask({ tls: { ca, certFile, keyFile } })).toEqual({ peer: 'bob' });
    await rm(folder, { recursive: true });
  });

  test('a certificate that an exec plug-in hands out is used for the connection', async () => {
    await serve('server');
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { clientCertificateData: pem('client.crt'), clientKeyData: pem('client.key') },
    };
    const exec = {
      apiVersion: credential.apiVersion,
      command: process.execPath,
      args: ['-e', `console.log(${JSON.stringify(JSON.stringify(credential))})`],
    };
    expect(await ask({ tls: { ca }, auth: { exec } })).toEqual({ peer: 'alice' });
  });
});

describe('proxies', () => {
  /** An HTTP proxy that knows CONNECT and nothing else. */
  async function httpProxy(): Promise<{ proxy: Server; url: string; seen: string[] }> {
    const seen: string[] = [];
    const proxy = createServer();
    proxy.on('connect', (request, socket: Socket) => {
      seen.push(`${request.url} ${request.headers['proxy-authorization']}`);
      const [host, port] = (request.url ?? '').split(':');
      const upstream = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
      upstream.on('error', () => socket.destroy());
      socket.on('error', () => upstream.destroy());
    });
    await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
    return { proxy, url: `http://u:p@127.0.0.1:${(proxy.address() as AddressInfo).port}`, seen };
  }

  test('an HTTP proxy is asked to connect, with its own credentials', async () => {
    await serve('server');
    const { proxy, url, seen } = await httpProxy();
    expect(await ask({ tls: { ca }, proxyUrl: url })).toEqual({ peer: null });
    expect(seen).toEqual([`127.0.0.1:${server.port} Basic ${Buffer.from('u:p').toString('base64')}`]);
    proxy.closeAllConnections();
    proxy.close();
  });

  test('TLS towards the server behind the proxy is checked as without one', async () => {
    await serve('elsewhere');
    const { proxy, url } = await httpProxy();
    await expect(ask({ tls: { ca }, proxyUrl: url })).rejects.toMatchObject({ name: 'ConnectionError' });
    expect(await ask({ tls: { ca, serverName: 'kube.example' }, proxyUrl: url })).toEqual({ peer: null });
    proxy.closeAllConnections();
    proxy.close();
  });

  test('a SOCKS 5 proxy is told the name of the server', async () => {
    await serve('server');
    const asked: string[] = [];
    const proxy = createTcp((socket) => {
      socket.once('data', () => {
        socket.write(Buffer.from([5, 0]));
        socket.once('data', (request: Buffer) => {
          const name = request[3] === 3;
          const host = name
            ? request.subarray(5, 5 + (request[4] as number)).toString()
            : [...request.subarray(4, 8)].join('.');
          const port = request.readUInt16BE(request.length - 2);
          asked.push(`${host}:${port}`);
          const upstream = connect(port, host, () => {
            socket.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]));
            upstream.pipe(socket).pipe(upstream);
          });
          socket.on('error', () => upstream.destroy());
        });
      });
    });
    await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
    const url = `socks5://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const remote = server.url.replace('127.0.0.1', 'localhost');
    expect(await ask({ server: remote, tls: { ca }, proxyUrl: url })).toEqual({ peer: null });
    expect(asked).toEqual([`localhost:${server.port}`]);
    proxy.close();
  });

  test('other schemes are refused without showing the URL', async () => {
    await serve('server');
    const error = await ask({ proxyUrl: 'ftp://u:hunter2@x' }).catch((e: unknown) => e);
    expect(error).toMatchObject({ name: 'KubeConfigError' });
    expect((error as Error).message).not.toContain('hunter2');
  });
});
