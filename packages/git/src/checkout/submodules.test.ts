import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openObjectCache } from '../store/store.ts';
import {
  createRepository,
  generateSshKey,
  startGitServer,
  startGitSshServer,
  type GitServer,
  type GitSshServer,
  type TestRepository,
} from '../testing/index.ts';
import { closeConnections } from '../transport/dispatcher.ts';
import { type GitRemote } from '../transport/connection.ts';
import { checkout, type CheckoutOptions } from './checkout.ts';
import { parseModules } from './submodules.ts';
import { endIdleThreads } from './thread.ts';

const pem = (name: string) => readFileSync(join(import.meta.dirname, '../testdata', name), 'utf8');
const auth = { username: 'ada', password: 's3cret' };
const key = generateSshKey();
let scratch: string;
let server: GitServer;
let legacy: GitServer;
let foreign: GitServer;
let ssh: GitSshServer;
const made: TestRepository[] = [];
let directories = 0;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'git-submodules-'));
  server = await startGitServer({ repositories: {}, auth });
  legacy = await startGitServer({ repositories: {}, protocolVersion: 0 });
  foreign = await startGitServer({ repositories: {} });
  ssh = await startGitSshServer({ repositories: {}, authorizedKeys: [key.public] });
});
afterAll(async () => {
  await Promise.all([server.close(), legacy.close(), foreign.close(), ssh.close()]);
  for (const repository of made) await repository.remove();
  await closeConnections();
  await endIdleThreads();
  await rm(scratch, { recursive: true, force: true });
});

/** A repository on every server. */
async function repositoryNamed(name: string): Promise<TestRepository> {
  const repository = await createRepository();
  made.push(repository);
  for (const each of [server, legacy, foreign, ssh]) each.serve(name, repository.directory);
  return repository;
}

/** Commits submodules: path to URL and commit. */
async function commitModules(
  repository: TestRepository,
  modules: Record<string, [url: string | undefined, commit: string]>,
  files: Record<string, string> = {},
): Promise<string> {
  const text = Object.entries(modules)
    .filter(([, [url]]) => url !== undefined)
    .map(([path, [url]]) => `[submodule "${path}"]\n\tpath = ${path}\n\turl = ${url}\n\tupdate = !touch /tmp/never\n`)
    .join('');
  await repository.commit({ ...files, ...(text !== '' && { '.gitmodules': text }) });
  for (const [path, [, oid]] of Object.entries(modules))
    await repository.git('update-index', '--add', '--cacheinfo', `160000,${oid},${path}`);
  await repository.git('commit', '--quiet', '-m', 'Submodules');
  return repository.git('rev-parse', 'HEAD');
}

const remote = (name: string, to = server): GitRemote => ({
  url: `${to.url}/${name}`,
  ...(to === server && { auth: { type: 'basic', ...auth } }),
});

async function filesOf(wanted: GitRemote, options: Partial<CheckoutOptions> = {}): Promise<Record<string, string>> {
  const directory = join(scratch, `files-${directories++}`);
  const done = await checkout(wanted, {}, { directory, recurseSubmodules: true, ...options });
  const files: Record<string, string> = {};
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    files[file.slice(directory.length + 1)] = entry.name === '.gitmodules' ? '…' : await readFile(file, 'utf8');
  }
  expect(done.files).toBe(Object.keys(files).length);
  return files;
}

async function failureOf(wanted: GitRemote): Promise<string> {
  const directory = join(scratch, `files-${directories++}`);
  return checkout(wanted, {}, { directory, recurseSubmodules: true }).then(
    () => 'none',
    (error: Error) => `${error.name}: ${error.message}`,
  );
}

describe('submodules', () => {
  test('SRC-283, SRC-285, SRC-286: are checked out recursively, each at the commit recorded, with the credentials', async () => {
    const inner = await repositoryNamed('org/inner');
    const innerCommit = await inner.commit({ 'inner.yaml': 'old' });
    await inner.commit({ 'inner.yaml': 'new' });
    const middle = await repositoryNamed('org/middle');
    const middleCommit = await commitModules(middle, { deep: ['../inner', innerCommit] }, { 'middle.yaml': 'm' });
    const app = await repositoryNamed('app');
    await commitModules(
      app,
      { 'modules/middle': ['../org/middle.git/', middleCommit], again: [`${server.url}/org/inner`, innerCommit] },
      { 'app.yaml': 'a' },
    );
    const expected = {
      '.gitmodules': '…',
      'app.yaml': 'a',
      'modules/middle/.gitmodules': '…',
      'modules/middle/middle.yaml': 'm',
      'modules/middle/deep/inner.yaml': 'old',
      'again/inner.yaml': 'old',
    };
    expect(await filesOf(remote('app'))).toEqual(expected);
    expect(await filesOf(remote('app'), { recurseSubmodules: false })).toEqual({ '.gitmodules': '…', 'app.yaml': 'a' });

    // What is kept already is not asked for again.
    const cache = openObjectCache({ directory: join(scratch, 'cache') });
    expect(await filesOf(remote('app'), { cache })).toEqual(expected);
    const before = server.requests.length;
    expect(await filesOf(remote('app'), { cache })).toEqual(expected);
    expect(server.requests.slice(before).filter(({ url }) => url.includes('org/'))).toEqual([]);
  });

  test('a repository that holds an older state of itself', async () => {
    const self = await repositoryNamed('self');
    const first = await self.commit({ 'a.yaml': '1' });
    await commitModules(self, { old: ['./', first] }, { 'a.yaml': '2' });
    const cache = openObjectCache({ directory: join(scratch, 'cache') });
    const expected = { '.gitmodules': '…', 'a.yaml': '2', 'old/a.yaml': '1' };
    expect(await filesOf(remote('self'), { cache })).toEqual(expected);
  });

  test('SRC-285: a server that gives out only what refs point at', async () => {
    const library = await repositoryNamed('library');
    const old = await library.commit({ 'l.yaml': 'old' });
    await library.commit({ 'l.yaml': 'new' });
    const user = await repositoryNamed('user');
    await commitModules(user, { lib: ['../library', old] });
    expect(await filesOf(remote('user', legacy))).toEqual({ '.gitmodules': '…', 'lib/l.yaml': 'old' });
    await commitModules(user, { lib: ['../library', '1'.repeat(40)] });
    expect(await failureOf(remote('user', legacy))).toMatch(
      /^ReferenceNotFoundError: .*submodule 'lib': .*unable to resolve commit object for '1{40}'/,
    );
  });

  test('SRC-283: over SSH, with URLs relative and short', async () => {
    const library = await repositoryNamed('ssh-library');
    const commit = await library.commit({ 'l.yaml': 'l' });
    const user = await repositoryNamed('ssh-user');
    await commitModules(user, { lib: ['../ssh-library', commit] });
    const wanted = { url: `${ssh.url}/ssh-user`, ssh: { identity: key.private, knownHosts: ssh.knownHosts } };
    expect(await filesOf(wanted)).toEqual({ '.gitmodules': '…', 'lib/l.yaml': 'l' });
    // The short form has no port, so it is another server than this one.
    await commitModules(user, { lib: ['git@127.0.0.1:ssh-library.git', commit] });
    expect(await failureOf(wanted)).toMatch(
      /^AuthenticationError: .*submodule 'lib': 'ssh:\/\/git@127\.0\.0\.1\/ssh-library\.git' needs an SSH identity/,
    );
  });

  test('SRC-285: credentials go to no other host', async () => {
    const library = await repositoryNamed('foreign-library');
    const commit = await library.commit({ 'l.yaml': 'l' });
    const user = await repositoryNamed('foreign-user');
    await commitModules(user, { lib: [`${foreign.url}/foreign-library`, commit] });
    const url = remote('foreign-user').url.replace('//', '//ada:s3cret@');
    expect(await filesOf({ ...remote('foreign-user'), url })).toEqual({ '.gitmodules': '…', 'lib/l.yaml': 'l' });
    expect(foreign.requests.length).toBeGreaterThan(0);
    expect(foreign.requests.map(({ authorization }) => authorization)).not.toContainEqual(expect.anything());
    // But from the URL alone to the same one.
    await commitModules(user, { lib: [`${server.url}/foreign-library`, commit] });
    expect(await filesOf({ url })).toEqual({ '.gitmodules': '…', 'lib/l.yaml': 'l' });
  });

  test('SRC-285: through the proxy, and with the CA, of their repository', async () => {
    const library = await repositoryNamed('secure-library');
    const commit = await library.commit({ 'l.yaml': 'l' });
    const user = await repositoryNamed('secure-user');
    await commitModules(user, { lib: ['../secure-library', commit] });
    const repositories = { 'secure-user': user.directory, 'secure-library': library.directory };
    const tls = { cert: pem('server.crt'), key: pem('server.key') };
    const secure = await startGitServer({ repositories, tls });
    const tunnels: string[] = [];
    const sockets: Socket[] = [];
    const proxy = createServer().on('connect', ({ url }, client: Socket) => {
      tunnels.push(url!);
      const to = connect(secure.port, '127.0.0.1', () => client.write('HTTP/1.1 200 OK\r\n\r\n'));
      sockets.push(
        client,
        to.on('error', () => undefined),
      );
      client
        .on('error', () => undefined)
        .pipe(to)
        .pipe(client);
    });
    await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening));
    try {
      const url = `https://localhost:${secure.port}/secure-user`;
      const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
      const expected = { '.gitmodules': '…', 'lib/l.yaml': 'l' };
      expect(await filesOf({ url, ca: pem('ca.crt'), proxy: address })).toEqual(expected);
      expect([...new Set(tunnels)]).toEqual([`localhost:${secure.port}`]);
      expect(secure.requests.some(({ url: path }) => path.startsWith('/secure-library'))).toBe(true);
    } finally {
      await closeConnections();
      for (const socket of sockets) socket.destroy();
      proxy.close();
      await secure.close();
    }
  });

  test.each([
    ['a local path', '/etc', 'InvalidOptionsError'],
    ['a file', 'file:///etc', 'UnsupportedTransportError'],
    ['another program', 'ext::sh -c touch% /tmp/never', 'UnsupportedTransportError|InvalidOptionsError'],
    ['the protocol without authentication', 'git://127.0.0.1/x', 'UnsupportedTransportError'],
    ['nothing', '', 'InvalidOptionsError'],
  ])('SRC-285: URLs are restricted to http, https and ssh: %s', async (title, url, name) => {
    const user = await repositoryNamed('restricted');
    await commitModules(user, { lib: [url, '1'.repeat(40)] }, { title });
    expect(await failureOf(remote('restricted'))).toMatch(
      new RegExp(`^(${name}): unable to clone '.*/restricted': submodule 'lib': the URL '`),
    );
  });

  test('SRC-284: one that fails fails the checkout, and is named', async () => {
    const middle = await repositoryNamed('broken-middle');
    const commit = await commitModules(middle, { missing: ['../not-there', '1'.repeat(40)] });
    const user = await repositoryNamed('broken');
    await commitModules(user, { middle: ['../broken-middle', commit] });
    expect(await failureOf(remote('broken'))).toMatch(
      /^RepositoryNotFoundError: .*submodule 'middle': submodule 'missing': unable to clone '.*\/not-there': repository not found/,
    );
  });

  test('a commit without an entry in .gitmodules stays an empty directory', async () => {
    const user = await repositoryNamed('stray');
    await commitModules(user, { stray: [undefined, '1'.repeat(40)] }, { 'a.yaml': '1' });
    expect(await filesOf(remote('stray'))).toEqual({ 'a.yaml': '1' });
  });

  test('SRC-283: at most 10 levels', async () => {
    const chain = await repositoryNamed('chain');
    let commit = await chain.commit({ level: '0' });
    for (let level = 1; level <= 12; level++)
      commit = await commitModules(chain, { m: ['./', commit] }, { level: `${level}` });
    const files = await filesOf(remote('chain'));
    const levels = Object.entries(files).filter(([path]) => path.endsWith('level'));
    expect(levels.map(([path, text]) => [path.split('/').length - 1, text])).toEqual(
      expect.arrayContaining([
        [0, '12'],
        [10, '2'],
      ]),
    );
    expect(levels).toHaveLength(11);
  });

  test('SRC-421: one that would be written into .git is refused', async () => {
    const library = await repositoryNamed('planted');
    const commit = await library.commit({ config: 'x' });
    const user = await repositoryNamed('planter');
    await user.commit({ '.gitmodules': '[submodule "x"]\n path = .git\n url = ../planted\n' });
    const listing = Buffer.concat([
      Buffer.from(`160000 .git\0`),
      Buffer.from(commit, 'hex'),
      Buffer.from(`100644 .gitmodules\0`),
      Buffer.from(await user.git('rev-parse', 'HEAD:.gitmodules'), 'hex'),
    ]);
    await user.commit({ listing });
    const tree = await user.git('hash-object', '-w', '--literally', '-t', 'tree', 'listing');
    await user.git('update-ref', 'refs/heads/master', await user.git('commit-tree', '-m', 'evil', tree));
    expect(await failureOf(remote('planter'))).toMatch(/^(UnsafeTree|CorruptObjects)Error: .*\.git/);
  });
});

test('.gitmodules as people write it', () => {
  const text = `# comment
[core]
\tpath = not/a/module
[submodule "one"]
path=one/ ; comment
URL = "https://example.com/one#x"
\tbranch = .
[submodule "two \\"quoted\\""]\r
\turl = ../two\r
\tpath = "with space"\r
[submodule "three"]
  path = three
`;
  expect([...parseModules(text)]).toEqual([
    ['one', 'https://example.com/one#x'],
    ['with space', '../two'],
    ['three', ''],
  ]);
});
