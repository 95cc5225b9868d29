import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { startEmbeddedKube, type EmbeddedKube } from '@gitops-toolkit/embedded-kube';
import {
  createRepository,
  generateSshKey,
  startGitSshServer,
  type GitSshServer,
  type TestRepository,
} from '@gitops-toolkit/git/testing';
import { condition, hasFailed, isReady, startController, type TestController } from '../testing/controller.ts';

const user = generateSshKey();
const locked = generateSshKey({ passphrase: 's3cret-passphrase' });
const hostKeys = [generateSshKey(), generateSshKey({ type: 'ecdsa' })];
let kube: EmbeddedKube;
let controller: TestController;
let repository: TestRepository;
let server: GitSshServer;
let commit: string;

beforeAll(async () => {
  kube = await startEmbeddedKube();
  controller = await startController({ kubeconfigYaml: kube.kubeconfigYaml });
  repository = await createRepository();
  commit = await repository.commit({ 'a.yaml': '1' });
  const authorizedKeys = [user.public, locked.public];
  server = await startGitSshServer({ repositories: { app: repository.directory }, authorizedKeys, hostKeys });
});
afterAll(async () => {
  await controller?.stop();
  await server?.close();
  await repository?.remove();
  await kube?.close();
});

/** Creates a Secret and a repository of that name that refers to it. */
async function create(name: string, values: Record<string, string>, spec = {}): Promise<void> {
  await controller.secret(name, values);
  await controller.create(name, { url: `${server.url}/app`, secretRef: { name }, ...spec });
}

async function failure(name: string): Promise<{ reason: string; message: string }> {
  const { reason, message } = condition(await controller.until(name, hasFailed), 'FetchFailed')!;
  await controller.patch(name, { spec: { suspend: true } });
  return { reason, message };
}

test('SRC-229, SRC-234: identity and known_hosts of the Secret, and nothing else of it', async () => {
  const other = { username: 'somebody', caFile: 'broken', bearerToken: 'x' };
  await create('ssh', { identity: user.private, known_hosts: server.knownHosts, ...other });
  const object = await controller.until('ssh', isReady);
  expect(object.status!.artifact!.revision).toBe(`master@sha1:${commit}`);
  expect(await controller.files(object)).toEqual({ 'a.yaml': '1' });
  expect(server.commands.every((command) => command.startsWith('git '))).toBe(true);
});

test('SRC-230: an encrypted identity with its passphrase', async () => {
  const secret = { identity: locked.private, known_hosts: server.knownHosts, password: 's3cret-passphrase' };
  await create('passphrase', secret);
  await controller.until('passphrase', isReady);
});

test('SRC-111: an encrypted identity without its passphrase', async () => {
  for (const [name, more] of [
    ['locked', {}],
    ['locked-empty', { password: '' }],
  ] as const) {
    await create(name, { identity: locked.private, known_hosts: server.knownHosts, ...more });
    expect(await failure(name)).toEqual({
      reason: 'AuthenticationFailed',
      message: `SSH identity key is encrypted but no 'password' field was provided in the secret 'default/${name}'`,
    });
  }
});

test('SRC-110, SRC-236: what is missing is named', async () => {
  const missing = (what: string) => ({
    reason: 'AuthenticationFailed',
    message: `failed to configure authentication options: invalid 'ssh' auth option: '${what}' is required`,
  });
  await controller.create('no-secret', { url: `${server.url}/app` });
  expect(await failure('no-secret')).toEqual(missing('identity'));
  await create('no-identity', { known_hosts: server.knownHosts, identity: '' });
  expect(await failure('no-identity')).toEqual(missing('identity'));
  await create('no-known-hosts', { identity: user.private });
  expect(await failure('no-known-hosts')).toEqual(missing('known_hosts'));
  await create('no-host', { identity: user.private, known_hosts: server.knownHosts }, { url: 'ssh:///app' });
  expect(await failure('no-host')).toEqual(missing('host'));
});

test.each([
  ['SRC-244: a wrong passphrase', { identity: locked.private, password: 'wr0ng-pass' }, 'the passphrase is wrong'],
  ['SRC-244: an identity that cannot be read', { identity: 'wr0ng-pass' }, 'not a private key'],
  ['SRC-244: known_hosts that cannot be parsed', { known_hosts: 'wr0ng-pass' }, 'known_hosts: line 1'],
  ['SRC-248: an unknown host', { known_hosts: `example.com ${hostKeys[0]!.public}` }, 'key is unknown'],
  ['an identity that is not accepted', { identity: generateSshKey().private }, 'does not accept the identity'],
])('%s fails the Git operation, and shows no secret', async (title, values, text) => {
  const name = title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  await create(name, { identity: user.private, known_hosts: server.knownHosts, ...values });
  const { reason, message } = await failure(name);
  expect(reason).toBe('GitOperationFailed');
  expect(message).toContain('failed to checkout and determine revision: ');
  expect(message).toContain(text);
  const { status } = await controller.until(name, hasFailed);
  expect(JSON.stringify([status, controller.logs])).not.toContain('wr0ng-pass');
});

test('SRC-248: a host whose key has changed', async () => {
  const knownHosts = `[127.0.0.1]:${server.port} ${generateSshKey().public}`;
  await create('changed', { identity: user.private, known_hosts: knownHosts });
  const { reason, message } = await failure('changed');
  expect(reason).toBe('GitOperationFailed');
  expect(message).toContain('key mismatch');
});

test('SRC-250, SRC-251: through a SOCKS5 proxy; not through one for HTTP', async () => {
  let tunnels = 0;
  const sockets: Socket[] = [];
  const proxy = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined));
    socket.once('data', () => {
      socket.write(Buffer.from([5, 0]));
      socket.once('data', () => {
        tunnels += 1;
        const to = connect(server.port, '127.0.0.1', () => {
          socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
          to.pipe(socket).pipe(to);
        });
        sockets.push(to.on('error', () => undefined));
      });
    });
  });
  await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening));
  const { port } = proxy.address() as AddressInfo;
  try {
    const secret = { identity: user.private, known_hosts: server.knownHosts };
    for (const scheme of ['socks5', 'http']) {
      const proxySecretRef = { name: `proxy-${scheme}` };
      await controller.secret(proxySecretRef.name, { address: `${scheme}://127.0.0.1:${port}` });
      await create(`via-${scheme}`, secret, { proxySecretRef });
    }
    await controller.until('via-socks5', isReady);
    expect(tunnels).toBeGreaterThanOrEqual(2);
    expect(await failure('via-http')).toEqual({
      reason: 'GitOperationFailed',
      message: expect.stringContaining(`SSH cannot go through a proxy of scheme 'http'`),
    });
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((closed) => proxy.close(closed));
  }
});

test('SRC-246, SRC-247: flags set what is negotiated', async () => {
  const secret = { identity: user.private, known_hosts: server.knownHosts };
  const args = ['--ssh-hostkey-algos=ecdsa-sha2-nistp256', '--ssh-kex-algos=rot13,curve25519-sha256'];
  await controller.stop();
  controller = await startController({ kubeconfigYaml: kube.kubeconfigYaml, args: args.slice(0, 1) });
  await create('host-key-flag', { ...secret, known_hosts: server.knownHosts.split('\n')[0]! });
  // The key of the type that is asked for is not the one that is known.
  expect((await failure('host-key-flag')).message).toContain('presents ecdsa-sha2-nistp256');
  await controller.stop();
  controller = await startController({ kubeconfigYaml: kube.kubeconfigYaml, args: args.slice(1) });
  await create('kex-flag', secret);
  expect((await failure('kex-flag')).message).toContain('rot13');
});
