import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import { pack, type Header } from 'tar-stream';
import { ArchiveError } from '../errors.ts';
import { sourceFilter } from '../ignore/rules.ts';
import { type ArchiveEntry, type PathFilter } from './entry.ts';
import { packArchive } from './pack.ts';
import { unpackArchive, type UnpackOptions } from './unpack.ts';
import { walkDirectory } from './walk.ts';

let scratch: string;
beforeEach(async () => void (scratch = await mkdtemp(join(tmpdir(), 'archive-'))));
afterEach(() => rm(scratch, { recursive: true, force: true }));

/** Writes files under `root`; an executable is marked by `!` at the end of its name. */
async function plant(root: string, files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const path = join(root, name.replace(/!$/, ''));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { mode: name.endsWith('!') ? 0o755 : 0o644 });
  }
}

async function archive(entries: Iterable<ArchiveEntry> | AsyncIterable<ArchiveEntry>) {
  const target = new PassThrough();
  const chunks: Buffer[] = [];
  target.on('data', (chunk: Buffer) => chunks.push(chunk));
  const written = await packArchive(entries, target);
  return { ...written, bytes: Buffer.concat(chunks) };
}

const packTree = (root: string, filter?: PathFilter) => archive(walkDirectory(root, { filter }));
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function plantVector(root: string): Promise<void> {
  await plant(root, {
    'README.md': 'hello\n',
    'a/x.yaml': 'a: 1\n',
    'a.yaml': 'b: 2\n',
    'bin/run.sh!': '#!/bin/sh\n',
    'p.jpg': 'jpg',
    '.git/HEAD': 'x',
  });
  await mkdir(join(root, 'empty'));
  await symlink('README.md', join(root, 'link'));
}

const listing = (bytes: Buffer) =>
  execFileSync('tar', ['-tzf', '-'], { input: bytes, encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.replace(/\/$/, ''));

describe('packing', () => {
  test('SRC-634, SRC-375, SRC-377, SRC-380: the tar stream of the specification tree, byte for byte', async () => {
    await plantVector(scratch);
    const { bytes } = await packTree(scratch, sourceFilter());
    const tar = gunzipSync(bytes);
    expect(listing(bytes)).toEqual(['.', 'README.md', 'a', 'a/x.yaml', 'a.yaml', 'bin', 'bin/run.sh', 'empty']);
    expect(tar.length).toBe(7168);
    expect(sha256(tar)).toBe('03cb91d926dadde58d7eefe31229f986e7628d4081566ffd3de1c4ca98ba8238');
  });

  test('SRC-635, SRC-379: a name beyond ASCII gets a PAX record', async () => {
    await plantVector(scratch);
    await plant(scratch, { 'é.yaml': 'c: 3\n' });
    const tar = gunzipSync((await packTree(scratch, sourceFilter())).bytes);
    expect(tar.length).toBe(9216);
    expect(sha256(tar)).toBe('bd9de6bf8dbf1f046efaee8f218c0957ed5703c4668c30feebfddd1d74e92b45');
  });

  test('SRC-636, SRC-376, SRC-378: the header of the root', async () => {
    const header = gunzipSync((await packTree(scratch)).bytes).subarray(0, 512);
    const field = (offset: number, length: number) => header.toString('latin1', offset, offset + length);
    expect(field(0, 3)).toBe('.\0\0');
    expect(field(100, 24)).toBe('0000750\x000000000\x000000000\0');
    expect(field(124, 24)).toBe('00000000000\x0000000000000\0');
    expect(field(148, 9)).toBe('007256\0 5');
    expect(field(257, 8)).toBe('ustar\x0000');
  });

  test('SRC-374: a gzip header without name, time and operating system', async () => {
    const { bytes } = await packTree(scratch);
    expect(bytes.subarray(0, 10).toString('hex')).toBe('1f8b08000000000000ff');
  });

  test('SRC-382, SRC-385, RTM-242: times, modes and umask leave no trace; digest and size are of the bytes', async () => {
    const [one, two] = [join(scratch, 'one'), join(scratch, 'two')];
    await plantVector(one);
    await plantVector(two);
    await utimes(join(two, 'README.md'), 1, 1);
    await chmod(join(two, 'README.md'), 0o666);
    await chmod(join(two, 'bin/run.sh'), 0o711);
    await chmod(join(two, 'a'), 0o700);
    const [first, second] = [await packTree(one), await packTree(two)];
    expect(second.bytes.equals(first.bytes)).toBe(true);
    expect(first.digest).toBe(`sha256:${sha256(first.bytes)}`);
    expect(first.size).toBe(first.bytes.length);
  });

  test('SRC-486, RTM-549: modes 0600, 0700 and 0750', async () => {
    await plant(scratch, { 'd/plain': '', 'd/run!': '' });
    await chmod(join(scratch, 'd/plain'), 0o666);
    await chmod(join(scratch, 'd/run'), 0o777);
    const { bytes } = await packTree(scratch);
    const lines = execFileSync('tar', ['-tvzf', '-'], { input: bytes, encoding: 'utf8' }).trim().split('\n');
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['drwxr-x---', 'drwxr-x---', '-rw-------', '-rwx------']);
  });

  test('SRC-375: siblings in byte order, astral characters last', async () => {
    await plant(scratch, { '\u{1F600}': '', '\uFF5E': '', B: '', a: '' });
    const names: string[] = [];
    for await (const entry of walkDirectory(scratch)) names.push(entry.path);
    expect(names).toEqual(['.', 'B', 'a', '\uFF5E', '\u{1F600}']);
  });

  test('SRC-379: long names are split, or given a PAX record, and come out whole', async () => {
    const splittable = `${'d'.repeat(120)}/${'f'.repeat(90)}`;
    const unsplittable = `${'d'.repeat(120)}/${'g'.repeat(101)}`;
    const { bytes } = await archive(
      [splittable, unsplittable].map((path) => ({
        type: 'file' as const,
        path,
        executable: false,
        size: 1,
        content: Buffer.from('x'),
      })),
    );
    expect(listing(bytes)).toEqual([splittable, unsplittable]);
    const tar = gunzipSync(bytes);
    expect(tar.toString('latin1', 345, 345 + 120)).toBe('d'.repeat(120));
    expect(tar.toString('latin1', 1024 + 156, 1024 + 157)).toBe('x');
  });

  test('SRC-381, SRC-510: a file brought back below an ignored directory has no entry for its parent', async () => {
    await plant(scratch, { 'apps/keep/a.yaml': '', 'apps/b.yaml': '', 'top.yaml': '' });
    const { bytes } = await packTree(scratch, sourceFilter({ specIgnore: '/*\n!/apps/keep/a.yaml' }));
    expect(listing(bytes)).toEqual(['.', 'apps/keep/a.yaml']);
  });

  test('a file that grew while it was packed fails the archive', async () => {
    const entry: ArchiveEntry = { type: 'file', path: 'f', executable: false, size: 1, content: Buffer.from('long') };
    await expect(archive([entry])).rejects.toMatchObject({ name: 'ArchiveError', reason: 'FileChanged' });
  });
});

describe('unpacking', () => {
  /** A foreign archive: raw headers, whatever they say. */
  async function foreign(...entries: (Partial<Header> & { name: string; body?: string })[]): Promise<Buffer> {
    const tar = pack();
    for (const { body = '', ...header } of entries) tar.entry(header, body);
    tar.finalize();
    const chunks: Buffer[] = [];
    for await (const chunk of tar as AsyncIterable<Buffer>) chunks.push(chunk);
    return gzipSync(Buffer.concat(chunks));
  }

  async function* inPieces(bytes: Buffer) {
    for (let i = 0; i < bytes.length; i += 1000) yield bytes.subarray(i, i + 1000);
  }
  const unpack = (bytes: Buffer, options?: UnpackOptions) =>
    unpackArchive(inPieces(bytes), join(scratch, 'out'), options);
  const reasonOf = (promise: Promise<unknown>) =>
    promise.then(
      () => 'none',
      (error: unknown) => (error instanceof ArchiveError ? error.reason : error),
    );
  const text = (path: string) => readFile(join(scratch, 'out', path), 'utf8');

  test('SRC-382: what was packed comes back', async () => {
    await plant(join(scratch, 'in'), { 'a/b/c.yaml': 'c', 'run!': 'r', 'big.bin': 'x'.repeat(3_000_000) });
    const { bytes } = await packTree(join(scratch, 'in'));
    expect(await unpack(bytes)).toEqual({ files: 3, directories: 3, bytes: 3_000_002 });
    expect(await text('a/b/c.yaml')).toBe('c');
    expect((await text('big.bin')).length).toBe(3_000_000);
    expect((await lstat(join(scratch, 'out/run'))).mode & 0o777).toBe(0o700);
    expect((await packTree(join(scratch, 'out'))).digest).toBe((await packTree(join(scratch, 'in'))).digest);
  });

  test.each(['../evil', 'a/../../evil', '/evil', 'a\\b', 'a/..'])(
    'RTM-304, SRC-420, RTM-552: the name %j is refused',
    async (name) => {
      expect(await reasonOf(unpack(await foreign({ name, body: 'x' })))).toBe('IllegalPath');
      expect(await readdir(scratch)).not.toContain('evil');
    },
  );

  test('RTM-305: links and devices are refused, links skipped when told so', async () => {
    const link = await foreign({ name: 'l', type: 'symlink', linkname: '/etc' }, { name: 'f', body: 'x' });
    expect(await reasonOf(unpack(link))).toBe('IllegalType');
    expect(await unpack(link, { links: 'skip' })).toMatchObject({ files: 1 });
    expect(await readdir(join(scratch, 'out'))).toEqual(['f']);
    const device = await foreign({ name: 'd', type: 'character-device' });
    expect(await reasonOf(unpack(device, { links: 'skip' }))).toBe('IllegalType');
  });

  test('SRC-419: a file below a symlink of the target directory is refused', async () => {
    await mkdir(join(scratch, 'out'));
    await mkdir(join(scratch, 'elsewhere'));
    await symlink('../elsewhere', join(scratch, 'out', 'd'));
    expect(await reasonOf(unpack(await foreign({ name: 'd/f', body: 'x' })))).toBe('IllegalPath');
    expect(await readdir(join(scratch, 'elsewhere'))).toEqual([]);
  });

  test('RTM-306, RTM-545: limits on bytes and entries; -1 lifts the limit', async () => {
    const bytes = await foreign({ name: 'a', body: 'x'.repeat(600) }, { name: 'b', body: 'x'.repeat(600) });
    expect(await reasonOf(unpack(bytes, { maxBytes: 1199 }))).toBe('LimitExceeded');
    expect(await reasonOf(unpack(bytes, { maxEntries: 1 }))).toBe('LimitExceeded');
    expect(await reasonOf(unpack(bytes, { maxBytes: 1200, maxEntries: 2 }))).toBe('none');
    expect(await reasonOf(unpack(bytes, { maxBytes: -1, maxEntries: -1 }))).toBe('none');
  });

  test('RTM-306: endless zero blocks are cut off', async () => {
    const bomb = gzipSync(Buffer.alloc(32 * 1024 * 1024));
    expect(await reasonOf(unpack(bomb))).toBe('LimitExceeded');
  });

  test('RTM-306, RTM-552: a directory without rights is made accessible, an existing one is reused', async () => {
    await mkdir(join(scratch, 'out', 'd'), { recursive: true });
    await unpack(await foreign({ name: 'd', type: 'directory', mode: 0o600 }, { name: 'd/f', body: 'x', mode: 0 }));
    expect((await lstat(join(scratch, 'out/d'))).mode & 0o700).toBe(0o700);
    expect(await text('d/f')).toBe('x');
  });

  test('RTM-552: a filter skips entries and whole directories', async () => {
    const filter = sourceFilter({ specIgnore: 'skipped/\n*.md' });
    const bytes = await foreign(
      { name: 'skipped', type: 'directory' },
      { name: 'skipped/f', body: 'x' },
      { name: 'a.md' },
      { name: 'f', body: 'x' },
    );
    await unpack(bytes, { filter });
    expect(await readdir(join(scratch, 'out'))).toEqual(['f']);
  });

  test('RTM-306: damaged and truncated archives are told apart from disk errors', async () => {
    await plant(join(scratch, 'in'), { f: 'x'.repeat(100_000), g: 'y' });
    const { bytes } = await packTree(join(scratch, 'in'));
    const tar = gunzipSync(bytes);
    expect(await reasonOf(unpack(bytes.subarray(0, bytes.length - 20)))).toBe('Corrupt');
    expect(await reasonOf(unpack(gzipSync(tar.subarray(0, 50_000))))).toBe('Corrupt');
    expect(await reasonOf(unpack(Buffer.from('no archive at all')))).toBe('Corrupt');
    expect(await reasonOf(unpack(gzipSync(Buffer.from('x'.repeat(2000)))))).toBe('Corrupt');
    expect(await reasonOf(unpack(Buffer.alloc(0)))).toBe('Corrupt');
  });

  test('an abort stops the work with its reason', async () => {
    const stop = new AbortController();
    async function* endless() {
      yield await foreign({ name: 'f', body: 'x' }).then((bytes) => bytes.subarray(0, 30));
      stop.abort(new Error('stopped by the caller'));
      await new Promise(() => undefined);
    }
    const failure = unpackArchive(endless(), join(scratch, 'out'), { signal: stop.signal });
    await expect(failure).rejects.toThrow('stopped by the caller');
  });
});
