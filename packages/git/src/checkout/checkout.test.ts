import { randomBytes } from 'node:crypto';
import { lstat, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GitError } from '../errors.ts';
import { type GitReference } from '../reference/reference.ts';
import { openObjectCache } from '../store/store.ts';
import { createRepository, startGitServer, type GitServer, type TestRepository } from '../testing/index.ts';
import { closeConnections } from '../transport/dispatcher.ts';
import { checkout, peekRevision, type CheckoutOptions } from './checkout.ts';
import { endIdleThreads } from './thread.ts';

let scratch: string;
let server: GitServer;
let legacy: GitServer;
const repositories: TestRepository[] = [];
let count = 0;

beforeAll(async () => {
  server = await startGitServer({ repositories: {} });
  legacy = await startGitServer({ repositories: {}, protocolVersion: 0 });
});
beforeEach(async () => void (scratch = await mkdtemp(join(tmpdir(), 'checkout-'))));
afterEach(async () => {
  server.fault(undefined);
  await rm(scratch, { recursive: true, force: true });
});
afterAll(async () => {
  await endIdleThreads();
  await closeConnections();
  await Promise.all([server.close(), legacy.close(), ...repositories.map((repository) => repository.remove())]);
});

async function repositoryNamed(name: string): Promise<TestRepository> {
  const repository = await createRepository();
  repositories.push(repository);
  for (const each of [server, legacy]) each.serve(name, repository.directory);
  return repository;
}

const remote = (name: string, from = server) => ({ url: `${from.url}/${name}` });
const target = () => join(scratch, String(count++));

async function failureOf(name: string, reference: GitReference, options: Partial<CheckoutOptions> = {}) {
  try {
    await checkout(remote(name), reference, { directory: target(), ...options });
    return 'none';
  } catch (error) {
    expect(error).toBeInstanceOf(GitError);
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
}

describe('what a reference means', () => {
  let repository: TestRepository;
  const commits: Record<string, string> = {};

  beforeAll(async () => {
    repository = await repositoryNamed('table');
    for (const tag of ['non-semver-tag', 'v0.1.0', '0.2.0', 'v0.2.1', 'v1.0.0-alpha', 'v1.1.0', 'v2.0.0']) {
      await repository.commit({ file: tag });
      commits[tag] = await repository.tag(tag, tag === 'v0.2.1' ? {} : { message: tag });
    }
    await repository.branch('staging');
    commits.middle = await repository.commit({ file: 'middle of staging' });
    commits.staging = await repository.commit({ file: 'staging' });
    await repository.branch('master');
    commits.master = await repository.commit({ file: 'master' });
    await repository.git('switch', '--quiet', '--detach');
    commits.pull = await repository.commit({ file: 'pull request' });
    await repository.git('update-ref', 'refs/pull/420/head', 'HEAD');
    await repository.git('switch', '--quiet', 'master');
  });

  const rows: [title: string, reference: GitReference, name: string, commit: string][] = [
    ['SRC-266, SRC-487, SRC-497: default', {}, 'master', 'master'],
    ['SRC-267, SRC-497: branch', { branch: 'staging' }, 'staging', 'staging'],
    ['SRC-268, SRC-497: annotated tag', { tag: 'v0.1.0' }, 'v0.1.0', 'v0.1.0'],
    ['SRC-268: lightweight tag', { tag: 'v0.2.1' }, 'v0.2.1', 'v0.2.1'],
    ['SRC-272, SRC-497: name of a branch', { name: 'refs/heads/staging' }, 'refs/heads/staging', 'staging'],
    ['SRC-272: name of a tag', { name: 'refs/tags/v0.1.0' }, 'refs/tags/v0.1.0', 'v0.1.0'],
    ['SRC-272, SRC-501: name of a peeled tag', { name: 'refs/tags/v0.1.0^{}' }, 'refs/tags/v0.1.0^{}', 'v0.1.0'],
    ['SRC-274, SRC-497: pull request on no branch', { name: 'refs/pull/420/head' }, 'refs/pull/420/head', 'pull'],
    ['SRC-269, SRC-497: any version', { semver: '*' }, 'v2.0.0', 'v2.0.0'],
    ['SRC-497: version below', { semver: '<v0.2.1' }, '0.2.0', '0.2.0'],
    ['SRC-497: prereleases', { semver: '>=1.0.0-0 <1.1.0-0' }, 'v1.0.0-alpha', 'v1.0.0-alpha'],
  ];
  for (const [title, reference, name, commit] of rows) {
    test(title, async () => {
      const revision = `${name}@sha1:${commits[commit]}`;
      const directory = target();
      const done = await checkout(remote('table'), reference, { directory });
      expect(done).toMatchObject({ revision, commit: { oid: commits[commit] } });
      expect(await peekRevision(remote('table'), reference)).toBe(revision);
      const texts: Record<string, string> = { pull: 'pull request' };
      expect(await readFile(join(directory, 'file'), 'utf8')).toBe(texts[commit] ?? commit);
      const old = await checkout(remote('table', legacy), reference, { directory: target() });
      expect(old.revision).toBe(revision);
    });
  }

  test('SRC-275, SRC-497: a commit inside a branch, of any branch, with a name', async () => {
    const commit = commits.middle!;
    const revisionOf = async (reference: GitReference, from = server) =>
      (await checkout(remote('table', from), { commit, ...reference }, { directory: target() })).revision;
    const pinned = { commit, branch: 'staging' };
    expect(await revisionOf(pinned)).toBe(`staging@sha1:${commit}`);
    expect(await peekRevision(remote('table'), pinned)).toBeUndefined();
    const known = `staging@sha1:${commit}`;
    expect(await peekRevision(remote('table'), pinned, { known })).toBe(known);
    expect(await revisionOf({})).toBe(`sha1:${commit}`);
    expect(await revisionOf({ name: 'refs/heads/staging' })).toBe(`refs/heads/staging@sha1:${commit}`);
  });

  test('SRC-275, SRC-276, SRC-502: unknown, malformed, abbreviated and foreign commits', async () => {
    const unknown = (value: string) => `unable to resolve commit object for '${value}': object not found`;
    const values = ['a-random-invalid-commit', '0'.repeat(40), commits.middle!.slice(0, 10)];
    for (const commit of values) expect(await failureOf('table', { commit })).toContain(unknown(commit));
    expect(await failureOf('table', { commit: commits.staging, branch: 'master' })).toContain('object not found');
  });

  test('SRC-271, SRC-503: version ranges that are malformed or match nothing', async () => {
    expect(await failureOf('table', { semver: 'latest' })).toContain(
      'semver parse error: improper constraint: "latest"',
    );
    expect(await failureOf('table', { semver: '>=9' })).toMatch(/: no match found for semver: >=9$/);
  });

  test('SRC-273: names that are malformed or unknown', async () => {
    for (const name of ['/refs/heads/master', 'refs/heads/']) {
      expect(await failureOf('table', { name })).toContain(
        `ref ${name} is invalid; Git refs cannot begin or end with a slash '/'`,
      );
    }
    expect(await failureOf('table', { name: 'refs/x' })).toContain(
      "unable to resolve ref 'refs/x' to a specific commit",
    );
  });

  test('SRC-277: branches and tags that do not exist', async () => {
    expect(await failureOf('table', { branch: 'no' })).toBe(
      `ReferenceNotFoundError: unable to clone '${server.url}/table': couldn't find remote ref "refs/heads/no"`,
    );
    expect(await failureOf('table', { tag: 'no' })).toContain('couldn\'t find remote ref "refs/tags/no"');
  });

  test('SRC-278, SRC-279: an empty repository', async () => {
    await repositoryNamed('empty');
    expect(await failureOf('empty', {})).toMatch(/^EmptyRepositoryError: .*git repository is empty$/);
    for (const reference of [{ tag: 'x' }, { semver: '*' }, { commit: '0'.repeat(40) }]) {
      expect(await failureOf('empty', reference)).toMatch(/^EmptyRepositoryError: .*remote repository is empty$/);
    }
  });

  test('SRC-270, SRC-503: among equal versions the newest commit wins, whatever the tags say', async () => {
    const tied = await repositoryNamed('tied');
    const dates = ['2020-01-01T00:00:00Z', '2022-01-01T00:00:00Z', '2021-01-01T00:00:00Z'];
    const taggers = ['2025-01-01T00:00:00Z', '2023-01-01T00:00:00Z', '2024-01-01T00:00:00Z'];
    for (const [i, date] of dates.entries()) {
      await tied.commit({ file: String(i) }, { date });
      await tied.tag(`v0.1.0+build-${i + 1}`, { message: 'tag', date: taggers[i] });
    }
    const cache = openObjectCache({ directory: join(scratch, 'cache') });
    const done = await checkout(remote('tied'), { semver: '<0.2.0' }, { directory: target(), cache });
    expect(done.revision).toMatch(/^v0\.1\.0\+build-2@sha1:/);
    expect(await peekRevision(remote('tied'), { semver: '<0.2.0' })).toBeUndefined();
  });

  test('commit and tag are described for events', async () => {
    const described = await repositoryNamed('described');
    const first = await described.commit({ a: '1' });
    const oid = await described.commit({ a: '2' }, { message: 'Second\n\nBody', date: '2024-05-06T07:08:09Z' });
    await described.tag('v1', { message: 'Release', date: '2025-01-01T00:00:00Z' });
    const done = await checkout(remote('described'), { tag: 'v1' }, { directory: target() });
    expect(done.commit).toMatchObject({
      oid,
      parents: [first],
      author: { name: 'Ada', email: 'ada@example.com', time: '2024-05-06T07:08:09Z' },
      committer: { name: 'Cy', email: 'cy@example.com', time: '2024-05-06T07:08:09Z' },
      message: 'Second\n\nBody\n',
    });
    expect(done.tag).toMatchObject({
      name: 'v1',
      object: { name: 'v1', object: oid, message: 'Release\n', tagger: { name: 'Cy', time: '2025-01-01T00:00:00Z' } },
    });
  });
});

describe('what is written', () => {
  test('SRC-282: raw bytes, executables, symlinks, no attributes', async () => {
    const repository = await repositoryNamed('bytes');
    const binary = Buffer.from([0, 255, 13, 10, 10]);
    await repository.commit({
      '.gitattributes': '*.txt text eol=crlf\n',
      'lines.txt': 'a\nb\n',
      'd/é/binary': binary,
      'run.sh': { executable: '#!/bin/sh\n' },
      link: { link: '../outside' },
    });
    await repository.git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},module`);
    await repository.git('commit', '--quiet', '-m', 'submodule');
    const directory = target();
    expect((await checkout(remote('bytes'), {}, { directory })).files).toBe(5);
    expect(await readFile(join(directory, 'lines.txt'), 'utf8')).toBe('a\nb\n');
    expect(await readFile(join(directory, 'd/é/binary'))).toEqual(binary);
    expect((await lstat(join(directory, 'run.sh'))).mode & 0o777).toBe(0o755);
    expect(await readlink(join(directory, 'link'))).toBe('../outside');
    expect(await readdir(join(directory, 'module'))).toEqual([]);
    expect(await readdir(directory)).not.toContain('.git');
  });

  /** A tree that git itself refuses to make: entries of mode, name and object, in the given order. */
  async function plantTree(repository: TestRepository, entries: [mode: string, name: string, oid: string][]) {
    const parts = entries.flatMap(([mode, name, oid]) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(oid, 'hex')]);
    const file = join(scratch, 'tree');
    await writeFile(file, Buffer.concat(parts));
    const tree = await repository.git('hash-object', '-w', '--literally', '-t', 'tree', file);
    await repository.git('update-ref', 'refs/heads/evil', await repository.git('commit-tree', '-m', 'evil', tree));
  }

  test('SRC-421: trees that would write into .git, outside, or through a planted symlink are refused', async () => {
    const repository = await repositoryNamed('evil');
    await repository.commit({ file: 'x', 'd/file': 'planted', link: { link: '/tmp' } });
    const oid = async (path: string) => repository.git('rev-parse', `HEAD:${path}`);
    const [blob, tree, link] = [await oid('file'), await oid('d'), await oid('link')];
    const evil: [mode: string, name: string, oid: string][][] = [
      [['040000', '.git', tree]],
      [['040000', '.GIT', tree]],
      [['100644', 'git~1', blob]],
      [['100644', '.gi\u200ct', blob]],
      [['100644', '.git. ', blob]],
      [['100644', '.git::$INDEX_ALLOCATION', blob]],
      [['040000', '..', tree]],
      [['100644', 'a/b', blob]],
      [['120000', '.gitmodules', link]],
      [
        ['120000', 'a', link],
        ['040000', 'a', tree],
      ],
      [
        ['120000', 'a', link],
        ['100644', 'a', blob],
      ],
    ];
    for (const entries of evil) {
      await plantTree(repository, entries);
      const failure = await failureOf('evil', { branch: 'evil' });
      expect([entries[0]![1], failure]).toEqual([
        entries[0]![1],
        expect.stringMatching(/^(UnsafeTree|CorruptObjects)Error/),
      ]);
    }
    expect(await readdir(tmpdir())).not.toContain('file');
  });

  test('a directory that is not empty is refused', async () => {
    const repository = await repositoryNamed('plain');
    await repository.commit({ file: 'x' });
    expect(await failureOf('plain', {}, { directory: repository.directory })).toMatch(/not empty/);
  });
});

describe('fetching', () => {
  test('SRC-267: depth 1, and with a cache a new commit costs what changed', async () => {
    const repository = await repositoryNamed('growing');
    await repository.commit({ 'big.bin': randomBytes(200_000) });
    const first = await repository.commit({ a: '1' });
    const cache = openObjectCache({ directory: join(scratch, 'cache') });
    const sizes = async () => {
      const [store] = await readdir(join(scratch, 'cache'));
      const folder = join(scratch, 'cache', store!, 'objects/pack');
      const packs = (await readdir(folder)).filter((name) => name.endsWith('.pack'));
      return Promise.all(packs.map(async (name) => (await lstat(join(folder, name))).size));
    };
    for (const from of [server, legacy]) {
      await rm(join(scratch, 'cache'), { recursive: true, force: true });
      const one = target();
      await checkout(remote('growing', from), {}, { directory: one, cache });
      const [full] = await sizes();
      await repository.commit({ a: `2 ${from.port}` });
      const two = target();
      await checkout(remote('growing', from), {}, { directory: two, cache });
      const later = (await sizes()).filter((size) => size !== full);
      expect(later).toHaveLength(1);
      expect(later[0]).toBeLessThan(full! / 10);
      expect(await readFile(join(two, 'big.bin'))).toEqual(await readFile(join(one, 'big.bin')));
    }
    const before = server.requests.length;
    await checkout(remote('growing'), { commit: first, branch: 'master' }, { directory: target() });
    expect(server.requests.length).toBeGreaterThan(before);
  });

  test('a commit that is kept already is not fetched again', async () => {
    const repository = await repositoryNamed('again');
    await repository.commit({ a: '1' });
    const cache = openObjectCache({ directory: join(scratch, 'cache') });
    await checkout(remote('again'), {}, { directory: target(), cache });
    const before = server.requests.length;
    const directory = target();
    await checkout(remote('again'), {}, { directory, cache });
    expect(server.requests.length - before).toBe(1);
    expect(await readdir(directory)).toEqual(['a']);
  });

  test('a repository that was made anew under the same name does not trip over the cache', async () => {
    const cache = openObjectCache({ directory: join(scratch, 'cache') });
    for (const text of ['old', 'new']) {
      const repository = await repositoryNamed('anew');
      await repository.commit({ a: text });
      for (const from of [server, legacy]) {
        const directory = target();
        await checkout(remote('anew', from), {}, { directory, cache });
        expect(await readFile(join(directory, 'a'), 'utf8')).toBe(text);
      }
    }
  });

  test('a damaged cache heals itself', async () => {
    const repository = await repositoryNamed('damaged');
    await repository.commit({ a: '1' });
    const cache = openObjectCache({ directory: join(scratch, 'cache') });
    await checkout(remote('damaged'), {}, { directory: target(), cache });
    const [store] = await readdir(join(scratch, 'cache'));
    const folder = join(scratch, 'cache', store!, 'objects/pack');
    for (const name of await readdir(folder)) await writeFile(join(folder, name), 'damaged');
    const directory = target();
    await checkout(remote('damaged'), {}, { directory, cache });
    expect(await readFile(join(directory, 'a'), 'utf8')).toBe('1');
  });

  test('the cache drops what was used least recently', async () => {
    const cache = openObjectCache({ directory: join(scratch, 'cache'), maxBytes: 1 });
    for (const name of ['one', 'two']) {
      const repository = await repositoryNamed(name);
      await repository.commit({ a: name });
      await checkout(remote(name), {}, { directory: target(), cache });
      expect((await readdir(join(scratch, 'cache'))).length).toBeLessThanOrEqual(1);
    }
  });

  test('checkouts of one repository at once share the cache in turn', async () => {
    const repository = await repositoryNamed('shared');
    const oid = await repository.commit({ a: '1' });
    const cache = openObjectCache({ directory: join(scratch, 'cache') });
    const all = await Promise.all([1, 2, 3].map(() => checkout(remote('shared'), {}, { directory: target(), cache })));
    expect(all.map((done) => done.commit.oid)).toEqual([oid, oid, oid]);
  });

  test('SRC-215: an abort or the deadline ends a checkout at any moment', async () => {
    const repository = await repositoryNamed('slow');
    await repository.commit(Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`f${i}`, `content ${i}`])));
    const stop = new AbortController();
    const directory = target();
    const running = checkout(remote('slow'), {}, { directory, signal: stop.signal });
    const aborted = expect(running).rejects.toThrow('superseded');
    // As soon as the thread writes.
    while ((await readdir(directory).catch(() => [])).length === 0) await new Promise((done) => setImmediate(done));
    stop.abort(new Error('superseded'));
    await aborted;
    server.fault({ kind: 'hang' });
    expect(await failureOf('slow', {}, { timeout: 50 })).toMatch(/^TimeoutError.*deadline of 0\.05s exceeded/);
  });

  test('a pack that is cut short, or too large, is refused', async () => {
    const repository = await repositoryNamed('cut');
    await repository.commit({ a: randomBytes(100_000) });
    await peekRevision(remote('cut'), {});
    server.fault({ kind: 'cut', after: 5_000 });
    expect(await failureOf('cut', {})).toMatch(/^(RemoteError|UnreachableHostError|CorruptObjectsError)/);
    server.fault(undefined);
    expect(await failureOf('cut', {}, { maxPackSize: 1000 })).toMatch(/^LimitExceededError.*1000 bytes/);
  });
});
