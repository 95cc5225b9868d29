import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { digestOf } from '@gitops-toolkit/artifact';
import { pack } from 'tar-stream';
import { manualClock } from '../testing/clock.ts';
import { testServer, type TestServer } from '../testing/http.ts';
import { createArtifactFetcher, type ArtifactFetcherOptions } from './create.ts';
import { localArtifactUrl } from './download.ts';

async function archive(files: Record<string, string>, link?: string): Promise<Buffer> {
  const tar = pack();
  for (const [name, text] of Object.entries(files)) tar.entry({ name }, text);
  if (link) tar.entry({ name: link, type: 'symlink', linkname: '/etc/passwd' });
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return gzipSync(Buffer.concat(chunks));
}

const { signal } = new AbortController();
let server: TestServer;
let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'fetcher-'))));
afterEach(async () => {
  await server?.close();
  rmSync(directory, { recursive: true, force: true });
});

async function serve(content: Buffer, statuses: number[] = []) {
  server = await testServer((count, response) => {
    const status = statuses[count - 1] ?? 200;
    response.writeHead(status).end(status === 200 ? content : undefined);
  });
  return { url: `${server.url}/a.tar.gz`, revision: 'main@sha1:1', digest: await digestOf(content) };
}

const fetcher = (options: Partial<ArtifactFetcherOptions> = {}) =>
  createArtifactFetcher({ directory, retries: 0, env: {}, ...options });

test('RTM-250, RTM-254, RTM-255: downloads, verifies, and unpacks without symlinks', async () => {
  const artifact = await serve(await archive({ 'app.yaml': 'kind: A', 'dir/b.yaml': 'kind: B' }, 'link'));
  const lease = await fetcher().fetch(artifact, { signal });
  expect(readFileSync(join(lease.directory, 'app.yaml'), 'utf8')).toBe('kind: A');
  expect(readFileSync(join(lease.directory, 'dir/b.yaml'), 'utf8')).toBe('kind: B');
  expect(existsSync(join(lease.directory, 'link'))).toBe(false);
});

test('one download and one directory serve everybody, until nobody needs it and the limit asks for room', async () => {
  const artifact = await serve(await archive({ a: '1' }));
  const shared = fetcher({ maxIdle: 0 });
  const [first, second] = await Promise.all([shared.fetch(artifact, { signal }), shared.fetch(artifact, { signal })]);
  expect(first.directory).toBe(second.directory);
  expect(server.requests).toHaveLength(1);
  first.release();
  first.release();
  expect(existsSync(second.directory)).toBe(true);
  second.release();
  const deadline = Date.now() + 5000;
  while (existsSync(second.directory) && Date.now() < deadline) await new Promise((resolve) => setImmediate(resolve));
  expect(existsSync(second.directory)).toBe(false);
  await shared.fetch(artifact, { signal });
  expect(server.requests).toHaveLength(2);
});

test('RTM-250, KUS-104: retries wait 5 s growing to 30 s', async () => {
  const artifact = await serve(await archive({ a: '1' }), [500, 503, 429, 502, 500]);
  const clock = manualClock();
  const fetching = fetcher({ retries: 9, clock }).fetch(artifact, { signal });
  const waits: number[] = [];
  let settled = false;
  void fetching.finally(() => (settled = true));
  const deadline = Date.now() + 10_000;
  while (!settled && Date.now() < deadline) {
    const [wait] = clock.pending();
    if (wait !== undefined) waits.push(wait);
    await clock.advance(wait ?? 0);
  }
  await fetching;
  expect(waits).toEqual([5000, 10_000, 20_000, 30_000, 30_000]);
});

test('RTM-252, KUS-104: 404 is an error of its own and not tried again', async () => {
  const artifact = await serve(Buffer.alloc(0), [404]);
  await expect(fetcher({ retries: 9 }).fetch(artifact, { signal })).rejects.toMatchObject({
    name: 'ArtifactNotFoundError',
    message: expect.stringContaining('artifact not found'),
  });
  expect(server.requests).toHaveLength(1);
});

test('RTM-253: other statuses are in the error', async () => {
  const artifact = await serve(Buffer.alloc(0), [403]);
  await expect(fetcher({ retries: 9 }).fetch(artifact, { signal })).rejects.toThrow(/403 Forbidden/);
});

test('RTM-254, RTM-545, KUS-107: wrong, empty and malformed digests, and nothing is left behind', async () => {
  const artifact = await serve(await archive({ a: '1' }));
  const fails = (digest: string | undefined) => fetcher().fetch({ ...artifact, digest }, { signal });
  const other = `sha256:${'0'.repeat(64)}`;
  await expect(fails(other)).rejects.toThrow(new RegExp(`computed digest doesn't match provided '${other}'`));
  await expect(fails('')).rejects.toThrow(/no digest/);
  await expect(fails(undefined)).rejects.toThrow(/no digest/);
  await expect(fails('md5:abc')).rejects.toThrow(/unsupported digest algorithm/);
  expect(existsSync(join(directory, 'content'))).toBe(false);
});

test('RTM-546: a bare checksum is SHA-256', async () => {
  const artifact = await serve(await archive({ a: '1' }));
  const lease = await fetcher().fetch({ ...artifact, digest: artifact.digest.slice('sha256:'.length) }, { signal });
  expect(existsSync(join(lease.directory, 'a'))).toBe(true);
});

test('RTM-256: an archive over the limit is refused, naming the limit', async () => {
  const artifact = await serve(await archive({ a: '1' }));
  await expect(fetcher({ maxArchiveBytes: 10 }).fetch(artifact, { signal })).rejects.toThrow(/limit of 10 bytes/);
});

test('an archive that does not unpack fails, and the next try downloads again', async () => {
  const artifact = await serve(Buffer.from('not an archive'));
  const shared = fetcher();
  await expect(shared.fetch(artifact, { signal })).rejects.toThrow(/cannot unpack artifact/);
  await expect(shared.fetch(artifact, { signal })).rejects.toThrow(/cannot unpack artifact/);
  expect(server.requests).toHaveLength(2);
});

test('what an earlier process left behind is removed, and so is everything at the end', async () => {
  writeFileSync(join(directory, 'left behind'), 'x');
  const artifact = await serve(await archive({ a: '1' }));
  const one = fetcher();
  const lease = await one.fetch(artifact, { signal });
  expect(existsSync(join(directory, 'left behind'))).toBe(false);
  expect(existsSync(join(lease.directory, 'a'))).toBe(true);
  await one.close();
  expect(existsSync(directory)).toBe(false);
});

test('one caller that gives up does not take the download from the others', async () => {
  const content = await archive({ a: '1' });
  let answer: (() => void) | undefined;
  server = await testServer((_count, response) => (answer = () => response.end(content)));
  const artifact = { url: `${server.url}/a`, revision: 'r', digest: await digestOf(content) };
  const shared = fetcher();
  const impatient = new AbortController();
  const lost = shared.fetch(artifact, { signal: impatient.signal });
  const kept = shared.fetch(artifact, { signal });
  const deadline = Date.now() + 5000;
  while (!answer && Date.now() < deadline) await new Promise((resolve) => setImmediate(resolve));
  impatient.abort(new Error('gave up'));
  await expect(lost).rejects.toThrow('gave up');
  answer!();
  expect(existsSync(join((await kept).directory, 'a'))).toBe(true);
});

test('RTM-251, RTM-432, KUS-103: hosts are replaced outside of the cluster', () => {
  const env = { SOURCE_CONTROLLER_LOCALHOST: 'localhost:8080', SOURCE_WATCHER_LOCALHOST: 'localhost:8081' };
  const source = 'http://source-controller.flux-system.svc/gitrepository/a/b/c.tar.gz';
  expect(localArtifactUrl(source, env)).toBe('http://localhost:8080/gitrepository/a/b/c.tar.gz');
  expect(localArtifactUrl('http://source-watcher.x/a', env)).toBe('http://localhost:8081/a');
  expect(localArtifactUrl(source, {})).toBe(source);
});

test('a directory that cannot be made today may be made tomorrow', async () => {
  const artifact = await serve(await archive({ a: '1' }));
  const blocked = join(directory, 'file');
  writeFileSync(blocked, '');
  const shared = fetcher({ directory: join(blocked, 'artifacts') });
  await expect(shared.fetch(artifact, { signal })).rejects.toThrow(/ENOTDIR/);
  rmSync(blocked);
  const lease = await shared.fetch(artifact, { signal });
  expect(readFileSync(join(lease.directory, 'a'), 'utf8')).toBe('1');
});
