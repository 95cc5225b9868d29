import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifySignature } from '../signature/verify.ts';
import { createRepository, startGitServer, type GitServer, type TestRepository } from '../testing/index.ts';
import { checkout } from './checkout.ts';
import { endIdleThreads } from './thread.ts';

let server: GitServer;
let repository: TestRepository;
let scratch: string;
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'git-signed-'));
  repository = await createRepository();
  server = await startGitServer({ repositories: { app: repository.directory } });
});
afterEach(async () => {
  await server.close();
  await repository.remove();
  await rm(scratch, { recursive: true, force: true });
});
afterAll(endIdleThreads);

const fetched = (tag: string) => checkout({ url: `${server.url}/app` }, { tag }, { directory: join(scratch, 'files') });

test('SRC-298: a checkout tells what is signed, byte by byte', async () => {
  const fixtures = join(import.meta.dirname, '../signature/testdata');
  const keys = { pgp: [await readFile(join(fixtures, 'ed25519.asc'), 'utf8')], ssh: [] };
  const text = await readFile(join(fixtures, 'ed25519.commit'), 'latin1');
  // The commit before it is not at hand, and Git looks for it.
  const id = /^parent (.*)$/m.exec(text)![1]!;
  await repository.git('hash-object', '-w', '-t', 'tree', '/dev/null');
  const put = async (type: string, file: string) => repository.git('hash-object', '-w', '-t', type, file);
  expect(await put('commit', join(fixtures, 'rsa2048.commit'))).toBe(id);
  const commit = await put('commit', join(fixtures, 'ed25519.commit'));
  const tag = await put('tag', join(fixtures, 'ed25519.tag'));
  await repository.git('update-ref', 'refs/tags/v1', tag);

  const done = await fetched('v1');
  expect(done.commit.oid).toBe(commit);
  expect(done.tag!.object).toMatchObject({ oid: tag, message: 'Signed with ed25519\n' });
  expect(await verifySignature(done.commit.signed, keys, 'commit')).toMatch(/^[0-9A-F]{16}$/);
  expect(await verifySignature(done.tag!.object!.signed, keys, 'tag')).toMatch(/^[0-9A-F]{16}$/);
});

test('a tag of a tag leads to its commit', async () => {
  const commit = await repository.commit({ 'a.yaml': '1' });
  await repository.tag('inner', { message: 'inner' });
  await repository.git('tag', '-a', '-m', 'outer', 'outer', 'inner');
  const done = await fetched('outer');
  expect(done.commit.oid).toBe(commit);
  expect(done.tag!.object!.object).not.toBe(commit);
});

test('a server that says a tag is of another commit than the tag says itself is not believed', async () => {
  await repository.commit({ 'a.yaml': 'signed' });
  await repository.tag('v1', { message: 'Release' });
  const other = await repository.commit({ 'a.yaml': 'not signed' });
  await repository.git('pack-refs', '--all');
  const packed = join(repository.directory, '.git', 'packed-refs');
  await writeFile(packed, (await readFile(packed, 'utf8')).replace(/^\^.*$/m, `^${other}`));
  await expect(fetched('v1')).rejects.toThrow(`not of the commit ${other}`);
});
