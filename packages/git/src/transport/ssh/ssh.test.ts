import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServerHostKeyAlgorithm } from 'ssh2';
import { checkout, peekRevision } from '../../checkout/checkout.ts';
import { endIdleThreads } from '../../checkout/thread.ts';
import { listRefs } from '../../protocol/list-refs.ts';
import { openObjectCache } from '../../store/store.ts';
import {
  createRepository,
  generateSshKey,
  startGitSshServer,
  type GitSshServer,
  type GitSshServerOptions,
  type SshKey,
  type TestRepository,
} from '../../testing/index.ts';
import { type GitRemote } from '../connection.ts';
import { isEncryptedIdentity, parseIdentity } from './identity.ts';
import { type SshOptions } from './ssh.ts';

const user = generateSshKey();
let repository: TestRepository;
let commit: string;
let scratch: string;
let server: GitSshServer;
const servers: GitSshServer[] = [];

async function start(options: Partial<GitSshServerOptions> = {}): Promise<GitSshServer> {
  const started = await startGitSshServer({
    repositories: { 'org/app': repository.directory },
    authorizedKeys: [user.public],
    ...options,
  });
  servers.push(started);
  return started;
}

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'git-ssh-'));
  repository = await createRepository();
  await repository.commit({ 'a.yaml': '1' });
  commit = await repository.commit({ 'a.yaml': '2', 'deep/b.yaml': 'b' });
  server = await start();
});
afterEach(() => server.fault(undefined));
afterAll(async () => {
  await Promise.all(servers.map((started) => started.close()));
  await endIdleThreads();
  await repository.remove();
  await rm(scratch, { recursive: true, force: true });
});

function remote(to = server, ssh: Partial<SshOptions> = {}, extra: Partial<GitRemote> = {}): GitRemote {
  const options = { identity: user.private, knownHosts: to.knownHosts, ...ssh };
  return { url: `${to.url}/org/app`, ssh: options, ...extra };
}

async function failureOf(wanted: GitRemote, options = {}): Promise<string> {
  const error = await listRefs(wanted, options).catch((found: Error) => found);
  return error instanceof Error ? `${error.name}: ${error.message}` : 'none';
}

/** Resolves when the server has no connection left. */
async function isQuiet(of = server): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (of.connections > 0 && Date.now() < deadline) await new Promise((done) => setImmediate(done));
  expect(of.connections).toBe(0);
}

describe('over SSH', () => {
  test.each([2, 0] as const)(
    'SRC-229, SRC-234: lists, fetches and checks out, protocol version %d',
    async (version) => {
      const config = { 'uploadpack.allowReachableSHA1InWant': 'true' };
      const to = await start({ protocolVersion: version, config });
      expect(await listRefs(remote(to))).toEqual([
        { name: 'HEAD', oid: commit, symrefTarget: 'refs/heads/master' },
        { name: 'refs/heads/master', oid: commit },
      ]);
      expect(await peekRevision(remote(to), {})).toBe(`master@sha1:${commit}`);
      const cache = openObjectCache({ directory: join(scratch, `cache-${version}`) });
      const directory = join(scratch, `files-${version}`);
      const done = await checkout(remote(to), { branch: 'master' }, { directory, cache });
      expect(done).toMatchObject({ revision: `master@sha1:${commit}`, files: 2 });
      expect(await readFile(join(directory, 'deep/b.yaml'), 'utf8')).toBe('b');
      // A commit that no ref names is looked for in the history: three exchanges over one connection.
      const parent = done.commit.parents[0]!;
      const pinned = await checkout(remote(to), { commit: parent }, { directory: `${directory}-pinned`, cache });
      expect(pinned.commit.oid).toBe(parent);
      await isQuiet(to);
    },
  );

  test('SRC-234: the user of the URL, git without one, and paths as they are', async () => {
    const to = await start({ repositories: { "it's here": repository.directory, home: repository.directory } });
    const base = to.url.replace('git@', '');
    await listRefs({ ...remote(to), url: `${to.url.replace('git@', 'ada@')}/it's%20here` });
    await listRefs({ ...remote(to), url: `${base}/home.git` });
    await listRefs({ ...remote(to), url: `${base}/~/home` });
    expect(to.commands).toEqual([
      `ada git-upload-pack '/it'\\''s here'`,
      `git git-upload-pack '/home.git'`,
      `git git-upload-pack '~/home'`,
    ]);
  });

  test('SRC-236: host, identity and known_hosts are required', async () => {
    const { ssh } = remote();
    expect(await failureOf({ url: 'ssh:///app', ssh })).toContain("invalid 'ssh' auth option: 'host' is required");
    for (const wanted of [{ url: server.url }, { url: server.url, ssh: { ...ssh!, identity: '' } }])
      expect(await failureOf(wanted)).toContain('InvalidOptionsError: unable to list remote for');
    expect(await failureOf({ url: server.url })).toContain("invalid 'ssh' auth option: 'identity' is required");
    expect(await failureOf(remote(server, { knownHosts: '' }))).toContain(
      "invalid 'ssh' auth option: 'known_hosts' is required",
    );
  });

  test('an identity that is not accepted, and a repository that is not there', async () => {
    expect(await failureOf(remote(server, { identity: generateSshKey().private }))).toMatch(
      /^AuthenticationError: .*does not accept the identity; check URL and credentials$/,
    );
    expect(await failureOf({ ...remote(), url: `${server.url}/nothing` })).toMatch(
      /^RepositoryNotFoundError: .*Repository not found/,
    );
  });
});

describe('identities', () => {
  const pem = (type: 'pkcs8' | 'pkcs1' | 'sec1', key: ReturnType<typeof nodeKey>, passphrase?: string) =>
    key.export({ type, format: 'pem', ...(passphrase && { cipher: 'aes-256-cbc', passphrase }) }) as string;
  const nodeKey = (kind: 'ed25519' | 'rsa' | 'P-256' | 'P-384' | 'P-521') => {
    if (kind === 'ed25519') return generateKeyPairSync('ed25519').privateKey;
    if (kind === 'rsa') return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    return generateKeyPairSync('ec', { namedCurve: kind }).privateKey;
  };
  const rsa = nodeKey('rsa');

  const identities: [string, string, string | undefined][] = [
    ['SRC-243: Ed25519, OpenSSH', generateSshKey().private, undefined],
    ['SRC-243: ECDSA P-256, OpenSSH', generateSshKey({ type: 'ecdsa', bits: 256 }).private, undefined],
    ['SRC-243: ECDSA P-384, OpenSSH', generateSshKey({ type: 'ecdsa', bits: 384 }).private, undefined],
    ['SRC-243: ECDSA P-521, OpenSSH', generateSshKey({ type: 'ecdsa', bits: 521 }).private, undefined],
    ['SRC-243: RSA, OpenSSH', generateSshKey({ type: 'rsa' }).private, undefined],
    ['SRC-230, SRC-243: Ed25519, OpenSSH, encrypted', generateSshKey({ passphrase: 'pass' }).private, 'pass'],
    ['SRC-230, SRC-243: RSA, OpenSSH, encrypted', generateSshKey({ type: 'rsa', passphrase: 'pass' }).private, 'pass'],
    ['SRC-243: RSA, PEM', pem('pkcs1', rsa), undefined],
    ['SRC-230, SRC-243: RSA, PEM, encrypted', pem('pkcs1', rsa, 'pass'), 'pass'],
    ['SRC-243: RSA, PKCS#8', pem('pkcs8', rsa), undefined],
    ['SRC-243: ECDSA P-256, PEM', pem('sec1', nodeKey('P-256')), undefined],
    ['SRC-230, SRC-243: ECDSA P-384, PEM, encrypted', pem('sec1', nodeKey('P-384'), 'pass'), 'pass'],
    ['SRC-230, SRC-243: ECDSA P-521, PKCS#8, encrypted', pem('pkcs8', nodeKey('P-521'), 'pass'), 'pass'],
    ['SRC-243: Ed25519, PKCS#8', pem('pkcs8', nodeKey('ed25519')), undefined],
    ['SRC-230, SRC-243: Ed25519, PKCS#8, encrypted', pem('pkcs8', nodeKey('ed25519'), 'pass'), 'pass'],
  ];

  test.each(identities)('%s', async (_title, identity, passphrase) => {
    const key = await parseIdentity(identity, passphrase, AbortSignal.timeout(10_000));
    const known = `${key.type} ${key.getPublicSSH().toString('base64')}`;
    const to = await start({ authorizedKeys: [known] });
    expect(isEncryptedIdentity(identity)).toBe(passphrase !== undefined);
    expect(await listRefs(remote(to, { identity, ...(passphrase && { passphrase }) }))).toHaveLength(2);
    await to.close();
  });

  test.each([
    ['a wrong passphrase', generateSshKey({ passphrase: 'pass' }).private, 'wr0ng-pass'],
    ['a wrong passphrase of a PEM', pem('pkcs1', rsa, 'pass'), 'wr0ng-pass'],
    ['no passphrase', generateSshKey({ passphrase: 'pass' }).private, undefined],
    ['no key', 'not a key', undefined],
    ['a public key', user.public, undefined],
    ['a key that is cut', user.private.replace(/.{40}\s+-----END/, '\n-----END'), undefined],
  ])('SRC-244: %s', async (_title, identity, passphrase) => {
    const said = await failureOf(remote(server, { identity, ...(passphrase && { passphrase }) }));
    expect(said).toMatch(/^InvalidOptionsError: .*the SSH identity/);
    expect(said).not.toContain('wr0ng-pass');
  });

  test('a key that takes forever to decrypt is given up at the deadline', async () => {
    const blob = Buffer.from(
      generateSshKey({ passphrase: 'pass' }).private.replaceAll(/-----.*-----|\n/g, ''),
      'base64',
    );
    // The rounds follow the salt: its length in 4 bytes, then 16 bytes, behind the length of both.
    blob.writeUInt32BE(0x7fffffff, blob.indexOf('bcrypt') + 'bcrypt'.length + 4 + 4 + 16);
    const identity = `-----BEGIN OPENSSH PRIVATE KEY-----\n${blob.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`;
    expect(await failureOf(remote(server, { identity, passphrase: 'pass' }), { timeout: 300 })).toMatch(
      /^TimeoutError/,
    );
  });
});

describe('host keys', () => {
  const host = {
    ed25519: generateSshKey(),
    ecdsa: generateSshKey({ type: 'ecdsa' }),
    rsa: generateSshKey({ type: 'rsa' }),
  };
  const line = (to: GitSshServer, key: SshKey) => `[127.0.0.1]:${to.port} ${key.public}\n`;

  test('SRC-248: unknown, changed and revoked keys are refused before anything is sent', async () => {
    const other = generateSshKey();
    expect(await failureOf(remote(server, { knownHosts: `example.com ${other.public}` }))).toMatch(
      /^HostKeyError: .*key is unknown/,
    );
    expect(await failureOf(remote(server, { knownHosts: line(server, other) }))).toMatch(
      /^HostKeyError: .*key mismatch/,
    );
    const revoked = server.knownHosts + server.knownHosts.replace('[', '@revoked [');
    expect(await failureOf(remote(server, { knownHosts: revoked }))).toMatch(/^HostKeyError: .*is revoked/);
    await isQuiet();
  });

  test('SRC-246: of several keys of a server one that is known is asked for', async () => {
    const to = await start({ hostKeys: [host.ed25519, host.ecdsa, host.rsa] });
    for (const key of Object.values(host))
      expect(await listRefs(remote(to, { knownHosts: line(to, key) }))).toHaveLength(2);
    const others = `example.com ${host.ed25519.public}\n`;
    expect(await listRefs(remote(to, { knownHosts: others + line(to, host.rsa) }))).toHaveLength(2);
  });

  test.each<ServerHostKeyAlgorithm>(['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'])(
    'SRC-246: an RSA key serves with any of its signatures: %s',
    async (algorithm) => {
      const to = await start({ hostKeys: [host.rsa], algorithms: { serverHostKey: [algorithm] } });
      expect(await listRefs(remote(to))).toHaveLength(2);
    },
  );

  test('SRC-246: algorithms that are given replace those of known_hosts', async () => {
    const to = await start({ hostKeys: [host.ed25519, host.rsa] });
    const knownHosts = line(to, host.rsa);
    expect(await listRefs(remote(to, { knownHosts, hostKeyAlgorithms: ['rsa-sha2-256'] }))).toHaveLength(2);
    expect(await failureOf(remote(to, { knownHosts, hostKeyAlgorithms: ['ssh-ed25519'] }))).toContain('key mismatch');
    expect(await failureOf(remote(to, { knownHosts, hostKeyAlgorithms: ['ecdsa-sha2-nistp256'] }))).toMatch(
      /^RemoteError: .*no matching host key/,
    );
  });

  test('SRC-244: known_hosts that cannot be parsed, or has nothing to offer', async () => {
    expect(await failureOf(remote(server, { knownHosts: 'nonsense' }))).toMatch(/^InvalidOptionsError: .*line 1/);
    expect(await failureOf(remote(server, { knownHosts: '# nothing' }))).toMatch(/^InvalidOptionsError: .*no keys/);
  });
});

describe('key exchange', () => {
  const algorithms = [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group14-sha256',
    'diffie-hellman-group14-sha1',
  ] as const;

  test.each(algorithms)('SRC-247: %s can be selected', async (algorithm) => {
    const to = await start({ algorithms: { kex: [algorithm] } });
    expect(await listRefs(remote(to, { kexAlgorithms: [algorithm] }))).toHaveLength(2);
  });

  test('SRC-247: nothing in common, and an unknown one', async () => {
    const to = await start({ algorithms: { kex: ['ecdh-sha2-nistp256'] } });
    expect(await failureOf(remote(to, { kexAlgorithms: ['curve25519-sha256'] }))).toMatch(
      /^RemoteError: .*no matching key exchange algorithm/,
    );
    expect(await failureOf(remote(to, { kexAlgorithms: ['rot13'] }))).toMatch(/^InvalidOptionsError: .*rot13/);
  });
});

describe('trouble on the way', () => {
  test('a host that is not there, or does not speak SSH', async () => {
    const other = createServer((socket) =>
      socket
        .resume()
        .on('error', () => undefined)
        .end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    );
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const url = `ssh://127.0.0.1:${(other.address() as AddressInfo).port}/app`;
    expect(await failureOf({ ...remote(), url })).toMatch(/^(RemoteError|UnreachableHostError): /);
    await new Promise((closed) => other.close(closed));
    expect(await failureOf({ ...remote(), url })).toMatch(/^UnreachableHostError: .*ECONNREFUSED/);
    expect(await failureOf({ ...remote(), url: 'ssh://nothing.invalid/app' })).toMatch(/^UnreachableHostError: /);
  });

  test('a host that says nothing, a server that hangs, and an abort: the connection ends with the operation', async () => {
    const silent = createServer();
    const accepted = once(silent, 'connection') as Promise<[Socket]>;
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const url = `ssh://127.0.0.1:${(silent.address() as AddressInfo).port}/app`;
    expect(await failureOf({ ...remote(), url }, { timeout: 100 })).toMatch(/^TimeoutError: /);
    const [socket] = await accepted;
    if (!socket.closed)
      await once(
        socket.resume().on('error', () => undefined),
        'close',
      );
    silent.close();

    for (const fault of ['ignore', 'hang'] as const) {
      server.fault(fault);
      expect(await failureOf(remote(), { timeout: 300 })).toMatch(/^TimeoutError: .*deadline of 0.3s/);
    }
    const stop = new AbortController();
    const before = server.commands.length;
    const running = failureOf(remote(), { signal: stop.signal });
    while (server.commands.length === before) await new Promise((done) => setImmediate(done));
    stop.abort(new Error('superseded'));
    expect(await running).toBe('Error: superseded');
    await isQuiet();
  });

  test('a server that drops the connection or sends something else', async () => {
    server.fault('drop');
    expect(await failureOf(remote())).toMatch(/^(UnreachableHostError|RemoteError): /);
    server.fault('garbage');
    expect(await failureOf(remote())).toMatch(/^RemoteError: .*not in the Git protocol/);
    await isQuiet();
  });
});

describe('proxies', () => {
  let proxy: Server;
  let asked: string[];
  const sockets: Socket[] = [];

  /** A SOCKS5 proxy (RFC 1928) that wants a user and password (RFC 1929). */
  beforeEach(async () => {
    asked = [];
    proxy = createServer(async (socket) => {
      sockets.push(socket.on('error', () => undefined));
      const message = async () => ((await once(socket, 'data')) as [Buffer])[0];
      await message();
      socket.write(Buffer.from([5, 2]));
      const login = await message();
      const end = 2 + login[1]!;
      socket.write(Buffer.from([1, 0]));
      const wanted = await message();
      const port = wanted.readUInt16BE(wanted.length - 2);
      asked.push(`${login.toString('utf8', 2, end)}:${login.toString('utf8', end + 1)} ${port}`);
      const to = connect(port, '127.0.0.1', () => {
        socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
        to.pipe(socket).pipe(to);
      });
      sockets.push(to.on('error', () => undefined));
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
  });
  afterEach(async () => {
    delete process.env.ALL_PROXY;
    delete process.env.NO_PROXY;
    for (const socket of sockets.splice(0)) socket.destroy();
    await new Promise((closed) => proxy.close(closed));
  });
  const address = () => `user:pa%3Ass@127.0.0.1:${(proxy.address() as AddressInfo).port}`;

  test('SRC-249, SRC-251: SOCKS5, with credentials', async () => {
    expect(await listRefs(remote(server, {}, { proxy: `socks5://${address()}` }))).toHaveLength(2);
    expect(asked).toEqual([`user:pa:ss ${server.port}`]);
  });

  test('SRC-250: ALL_PROXY, unless NO_PROXY lists the host or another proxy is given', async () => {
    process.env.ALL_PROXY = `socks5://${address()}`;
    await listRefs(remote());
    expect(asked).toEqual([`user:pa:ss ${server.port}`]);
    for (const excluded of ['127.0.0.1', '127.0.0.0/8', `127.0.0.1:${server.port}`, '*']) {
      process.env.NO_PROXY = `example.com,${excluded}`;
      await listRefs(remote());
    }
    expect(asked).toHaveLength(1);
    process.env.NO_PROXY = 'example.com,10.0.0.0/8';
    await listRefs(remote());
    expect(asked).toHaveLength(2);
    process.env.ALL_PROXY = 'socks5://127.0.0.1:1';
    await listRefs(remote(server, {}, { proxy: `socks5://${address()}` }));
    expect(asked).toHaveLength(3);
  });

  test('SRC-251: an HTTP proxy cannot carry SSH', async () => {
    for (const scheme of ['http', 'https'])
      expect(await failureOf(remote(server, {}, { proxy: `${scheme}://${address()}` }))).toMatch(
        /^InvalidOptionsError: .*SSH cannot go through a proxy of scheme 'https?', use socks5/,
      );
  });
});
