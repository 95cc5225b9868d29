import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startEmbeddedKube, type EmbeddedKube } from '@gitops-toolkit/embedded-kube';
import { condition, hasFailed, isReady, startController, type TestController } from '../testing/controller.ts';
import { startGit, type TestGit } from '../testing/repositories.ts';

const pem = (name: string) => readFileSync(join(import.meta.dirname, '../../testdata/tls', name), 'utf8');

let kube: EmbeddedKube;
let controller: TestController;
const servers: TestGit[] = [];

async function serve(options: Parameters<typeof startGit>[0]): Promise<{ url: string; git: TestGit }> {
  const git = await startGit(options);
  servers.push(git);
  const repository = await git.repository('app');
  await repository.commit({ 'a.yaml': '1' });
  return { url: repository.url, git };
}

beforeAll(async () => {
  kube = await startEmbeddedKube();
  controller = await startController({ kubeconfigYaml: kube.kubeconfigYaml });
});
afterAll(async () => {
  await controller?.stop();
  for (const server of servers) await server.close();
  await kube?.close();
});

/** Creates a Secret and a repository of that name that refers to it. */
async function create(name: string, url: string, values: Record<string, string>): Promise<void> {
  await controller.secret(name, values);
  await controller.create(name, { url, secretRef: { name } });
}

async function failure(name: string): Promise<{ reason: string; message: string }> {
  const { reason, message } = condition(await controller.until(name, hasFailed), 'FetchFailed')!;
  return { reason, message };
}

describe('over HTTP', () => {
  const auth = { username: 'ada', password: 's3cret' };

  test('SRC-227, SRC-239, SRC-488: user and password', async () => {
    const { url } = await serve({ auth });
    await create('basic', url, auth);
    await controller.until('basic', isReady);
  });

  test('SRC-278, SRC-426: wrong ones are refused, and shown nowhere', async () => {
    const { url } = await serve({ auth });
    await create('wrong', url, { username: 'ada', password: 'wr0ng-passw0rd' });
    const { reason, message } = await failure('wrong');
    expect(reason).toBe('GitOperationFailed');
    expect(message).toContain('authentication required');
    await controller.event('wrong', (event) => event.reason === reason);
    const object = await controller.until('wrong', hasFailed);
    expect(JSON.stringify([object.status, controller.logs])).not.toContain('wr0ng-passw0rd');
  });

  test('SRC-235: what the Secret lacks is taken from the URL, and only that', async () => {
    const { url } = await serve({ auth });
    await create('from-url', url.replace('//', '//somebody:s3cret@'), { username: 'ada' });
    await controller.until('from-url', isReady);
  });

  test('SRC-237: without credentials no header is sent', async () => {
    const { url, git } = await serve({});
    await controller.create('anonymous', { url });
    await controller.until('anonymous', isReady);
    expect(git.requests.map(({ authorization }) => authorization)).not.toContainEqual(expect.anything());
  });

  test('SRC-228: a bearer token counts instead of user and password', async () => {
    const { url } = await serve({ auth: { token: 't0ken' } });
    await create('bearer', url, { ...auth, bearerToken: 't0ken' });
    await controller.until('bearer', isReady);
  });

  test('SRC-110, SRC-236: a password needs a user', async () => {
    await create('password-only', 'http://127.0.0.1/app', { password: 's3cret' });
    expect(await failure('password-only')).toEqual({
      reason: 'AuthenticationFailed',
      message: `failed to configure authentication options: invalid 'http' auth option: 'password' requires 'username' to be set`,
    });
  });

  test('SRC-238: a bearer token beside a user in the URL', async () => {
    await create('both', 'http://ada@127.0.0.1/app', { bearerToken: 't0ken' });
    const { reason, message } = await failure('both');
    expect(reason).toBe('GitOperationFailed');
    expect(message).toContain('basic auth and bearer token cannot be set at the same time');
  });
});

test('SRC-19, SRC-249, SRC-250: through a proxy, for looking and for fetching', async () => {
  const asked: string[] = [];
  const proxy = createServer((incoming, answer) => {
    asked.push(`${incoming.method} ${incoming.url} ${incoming.headers['proxy-authorization']}`);
    const forwarded = request(incoming.url!, { method: incoming.method, headers: incoming.headers }, (response) => {
      answer.writeHead(response.statusCode!, response.headers);
      response.pipe(answer);
    });
    incoming.pipe(forwarded);
  });
  await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening));
  const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  try {
    const { url, git } = await serve({});
    await controller.secret('proxy', { address, username: 'ada', password: 's3cret' });
    await controller.create('proxied', { url, proxySecretRef: { name: 'proxy' } });
    await controller.until('proxied', isReady);
    const authorization = `Basic ${Buffer.from('ada:s3cret').toString('base64')}`;
    expect(asked).toEqual(git.requests.map((seen) => `${seen.method} ${git.url}${seen.url} ${authorization}`));
  } finally {
    proxy.closeAllConnections();
    await new Promise((closed) => proxy.close(closed));
  }
});

describe('over HTTPS', () => {
  const tls = { cert: pem('server.crt'), key: pem('server.key') };

  test.each([
    ['ca.crt', { 'ca.crt': pem('ca.crt') }],
    ['caFile', { caFile: pem('ca.crt') }],
    ['ca.crt beside a broken caFile', { 'ca.crt': pem('ca.crt'), caFile: 'broken' }],
  ])('SRC-231, SRC-488: a CA of one’s own: %s', async (what, values) => {
    const { url } = await serve({ tls });
    const name = `ca-${what.replaceAll(/[^a-z]+/gi, '-').toLowerCase()}`;
    await create(name, url, values);
    await controller.until(name, isReady);
  });

  test('SRC-232, SRC-488: a client certificate', async () => {
    const { url } = await serve({ tls: { ...tls, clientCa: pem('ca.crt') } });
    await create('mutual', url, {
      'ca.crt': pem('ca.crt'),
      'tls.crt': pem('client.crt'),
      'tls.key': pem('client.key'),
    });
    await controller.until('mutual', isReady);
  });

  test('SRC-424: a server of unknown authority is not trusted', async () => {
    const { url } = await serve({ tls });
    await controller.create('untrusted', { url });
    const { reason, message } = await failure('untrusted');
    expect(reason).toBe('GitOperationFailed');
    expect(message).toContain('x509');
  });

  test.each([
    ['SRC-241, SRC-490: a CA', 'broken-ca', { caFile: 'invalid' }, 'x509'],
    [
      'SRC-116, SRC-489: a key',
      'broken-key',
      { 'tls.crt': pem('client.crt'), 'tls.key': 'invalid' },
      'failed to parse TLS certificate and key',
    ],
    ['SRC-241: half a pair', 'half-pair', { 'tls.crt': pem('client.crt') }, "contains 'tls.crt' but missing 'tls.key'"],
  ])('%s that cannot be used', async (_title, name, values, text) => {
    await create(name, 'https://127.0.0.1/app', values);
    const { reason, message } = await failure(name);
    expect(reason).toBe('GitOperationFailed');
    expect(message).toContain('failed to create Git client:');
    expect(message).toContain(text);
  });
});
