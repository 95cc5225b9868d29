import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StorageError } from '../errors.ts';
import { advertisedAddress, artifactUrl } from './address.ts';
import { collectGarbage, findGarbage } from './garbage.ts';
import { resolveInside } from './path.ts';
import { openStorage, type ArtifactStorage } from './storage.ts';

let directory: string;
let storage: ArtifactStorage;
const owner = { kind: 'GitRepository', namespace: 'apps', name: 'web' };

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'storage-'));
  storage = await openStorage({ directory, address: 'localhost:9090', retention: { records: 2, ttl: 60_000 } });
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const bytes = (text: string) => ({ bytes: Buffer.from(text) });
const folder = () => join(directory, 'gitrepository/apps/web');

describe('addresses', () => {
  test('SRC-371, SRC-483, RTM-240: the advertised address', () => {
    expect(advertisedAddress(':9090')).toBe('localhost:9090');
    expect(advertisedAddress('127.0.0.1:9090')).toBe('127.0.0.1:9090');
    expect(advertisedAddress('0.0.0.0:9090', '', { HOSTNAME: 'test-host' })).toBe('test-host:9090');
    expect(advertisedAddress(':9090', 'artifacts.example.com:9090')).toBe('artifacts.example.com:9090');
    expect(() => advertisedAddress('invalid-address')).toThrow(StorageError);
  });

  test('SRC-370, SRC-372, SRC-484, RTM-239: artifact URLs', () => {
    const host = 'source-controller.flux-system.svc.cluster.local.';
    expect(artifactUrl(host, 'gitrepository/a/b/c.tar.gz')).toBe(`http://${host}/gitrepository/a/b/c.tar.gz`);
    expect(artifactUrl('https://x.example', '/d.txt')).toBe('https://x.example/d.txt');
    expect(artifactUrl('localhost', '/reconcile-storage/d.txt')).toBe('http://localhost/reconcile-storage/d.txt');
    expect(artifactUrl('localhost', '')).toBeUndefined();
  });
});

describe('writing', () => {
  test('SRC-62, SRC-368, SRC-384, SRC-385, RTM-243: an artifact, its description, its modes', async () => {
    const path = storage.pathOf(owner, 'abc.tar.gz');
    const artifact = await storage.write(path, 'main@sha1:abc', bytes('abc'));
    expect(artifact).toEqual({
      path: 'gitrepository/apps/web/abc.tar.gz',
      url: 'http://localhost:9090/gitrepository/apps/web/abc.tar.gz',
      revision: 'main@sha1:abc',
      digest: 'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      size: 3,
      lastUpdateTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
    expect((await lstat(storage.fileOf(path))).mode & 0o777).toBe(0o600);
    expect((await lstat(folder())).mode & 0o777).toBe(0o700);
    expect(await readdir(folder())).toEqual(['abc.tar.gz']);
  });

  test('SRC-384, RTM-243: a failure leaves the old file and no temporary one', async () => {
    const path = storage.pathOf(owner, 'abc.tar.gz');
    await storage.write(path, 'r', bytes('old'));
    async function* broken() {
      yield Buffer.from('half');
      throw new Error('connection lost');
    }
    await expect(storage.write(path, 'r', { bytes: broken() })).rejects.toThrow('connection lost');
    expect(await readFile(storage.fileOf(path), 'utf8')).toBe('old');
    expect(await readdir(folder())).toEqual(['abc.tar.gz']);
  });

  test('SRC-369, SRC-419, RTM-307: no path leads out of the storage', async () => {
    await mkdir(folder(), { recursive: true });
    await symlink('/', join(folder(), 'root'));
    await symlink('/nowhere', join(folder(), 'dangling'));
    for (const path of ['../x', 'gitrepository/../../x', 'gitrepository/apps/web/root/tmp/x']) {
      await expect(storage.write(path, 'r', bytes('x'))).rejects.toMatchObject({ reason: 'IllegalPath' });
    }
    expect(() => resolveInside(folder(), 'dangling/x')).toThrow(StorageError);
    expect(resolveInside(folder(), 'new/file')).toBe(join(folder(), 'new/file'));
  });

  test('SRC-367, RTM-241: the directory must exist', async () => {
    const missing = join(directory, 'missing');
    const failure = openStorage({ directory: missing, address: ':9090' });
    await expect(failure).rejects.toThrow(`invalid dir path: ${missing}`);
  });

  test('SRC-388, RTM-245: one at a time per path, the lock file stays', async () => {
    const path = storage.pathOf(owner, 'abc.tar.gz');
    const steps: string[] = [];
    const first = storage.withLock(path, async () => {
      steps.push('first begins');
      await new Promise((done) => setImmediate(done));
      steps.push('first ends');
    });
    const second = storage.withLock(path, async () => void steps.push('second'));
    await storage.withLock(storage.pathOf(owner, 'other.tar.gz'), async () => undefined);
    await Promise.all([first, second]);
    expect(steps).toEqual(['first begins', 'first ends', 'second']);
    expect((await readdir(folder())).sort()).toEqual(['abc.tar.gz.lock', 'other.tar.gz.lock']);
    await expect(storage.withLock(path, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    await storage.withLock(path, async () => void steps.push('third'));
    expect(steps.at(-1)).toBe('third');
  });

  test('a link is replaced atomically and points at a sibling', async () => {
    const [old, fresh] = ['1', '2'].map((name) => storage.pathOf(owner, `${name}.tar.gz`)) as [string, string];
    await storage.write(old, 'r', bytes('1'));
    await storage.write(fresh, 'r', bytes('2'));
    await storage.link(old, 'latest.tar.gz');
    expect(await storage.link(fresh, 'latest.tar.gz')).toBe('gitrepository/apps/web/latest.tar.gz');
    expect(await readlink(join(folder(), 'latest.tar.gz'))).toBe('2.tar.gz');
    expect((await readdir(folder())).sort()).toEqual(['1.tar.gz', '2.tar.gz', 'latest.tar.gz']);
  });
});

describe('checking', () => {
  test('SRC-208, SRC-480: only a regular file counts', async () => {
    const path = storage.pathOf(owner, 'abc.tar.gz');
    expect(await storage.exists(path)).toBe(false);
    await storage.write(path, 'r', bytes('x'));
    expect(await storage.exists(path)).toBe(true);
    await storage.link(path, 'link');
    expect(await storage.exists(storage.pathOf(owner, 'link'))).toBe(false);
    expect(await storage.exists('gitrepository/apps/web')).toBe(false);
  });

  test('SRC-209, RTM-248: an artifact whose bytes changed is removed, with the reason', async () => {
    const path = storage.pathOf(owner, 'abc.tar.gz');
    const artifact = await storage.write(path, 'r', bytes('good'));
    expect(await storage.check(artifact)).toBe('valid');
    await writeFile(storage.fileOf(path), 'evil');
    expect(await storage.check(artifact)).toMatchObject({ reason: 'Mismatch' });
    expect(await storage.check(artifact)).toBe('missing');
  });

  test.each([
    ['', 'artifact has no digest'],
    ['invalid', "failed to parse artifact digest 'invalid': invalid checksum digest format"],
  ])('SRC-209, SRC-481: digest %j', async (digest, message) => {
    const path = storage.pathOf(owner, 'abc.tar.gz');
    await storage.write(path, 'r', bytes('good'));
    await expect(storage.verify({ path, digest })).rejects.toThrow(message);
    expect(await storage.check({ path, digest })).toMatchObject({ name: 'DigestError' });
    expect(await storage.exists(path)).toBe(false);
  });

  test('SRC-479, SRC-363: removing a missing file is an error, a missing directory is not', async () => {
    await expect(storage.remove(storage.pathOf(owner, 'abc'))).rejects.toMatchObject({ reason: 'NotFound' });
    expect(await storage.removeAll(owner)).toBe(false);
    await storage.write(storage.pathOf(owner, 'abc'), 'r', bytes('x'));
    expect(await storage.removeAll(owner)).toBe(true);
    expect(await readdir(join(directory, 'gitrepository/apps'))).toEqual([]);
  });
});

describe('garbage collection', () => {
  /** Files `1`, `2`, … of the given ages in seconds, each with a lock. */
  async function plant(...ages: number[]): Promise<void> {
    await mkdir(folder(), { recursive: true });
    for (const [i, age] of ages.entries()) {
      const file = join(folder(), String(i + 1));
      await writeFile(file, '');
      await writeFile(`${file}.lock`, '');
      const time = Date.now() / 1000 - age;
      await utimes(file, time, time);
    }
  }
  const garbage = (current: string, ttl: number, records: number, maxFiles?: number) =>
    findGarbage(folder(), current, { ttl: ttl * 1000, records }, { maxFiles });

  test('SRC-473, SRC-392, RTM-547: by count; locks do not count', async () => {
    await plant(0.05, 0.04, 0.03, 0.02, 0.01);
    expect(await garbage('5', 120, 2)).toEqual(['1', '2', '3']);
  });

  test('SRC-474, SRC-391, RTM-548: by age only', async () => {
    await plant(5, 4, 3, 2, 1);
    expect(await garbage('5', 3.5, 4)).toEqual(['1', '2']);
  });

  test('SRC-475, SRC-478: by age and by count, exactly', async () => {
    await plant(6, 5, 4, 3, 2, 1);
    expect(await garbage('6', 5.5, 4)).toEqual(['1', '2']);
  });

  test('SRC-476, SRC-389, RTM-247: at most so many files are looked at', async () => {
    await plant(600, 500, 400, 300, 200, 0);
    expect(await garbage('6', 60, 2, 3)).toEqual(['1', '2', '3']);
  });

  test('SRC-396: equal times do not confuse the count', async () => {
    await plant(1, 1, 1, 1);
    const names = await garbage('1', 60, 2);
    expect(names).toHaveLength(2);
    expect(names).not.toContain('1');
  });

  test('SRC-392, RTM-547: the current artifact survives even if it is the oldest', async () => {
    await plant(600, 1, 0.5);
    expect(await garbage('1', 60, 1)).toEqual(['2', '3']);
  });

  test('SRC-472, SRC-390, SRC-393, RTM-547: files and their locks go, links and other locks stay', async () => {
    await plant(4, 3, 2, 1);
    await storage.link('gitrepository/apps/web/4', 'latest.tar.gz');
    const removed = await storage.collectGarbage('gitrepository/apps/web/4');
    expect(removed).toEqual(['gitrepository/apps/web/1', 'gitrepository/apps/web/2']);
    expect((await readdir(folder())).sort()).toEqual(['3', '3.lock', '4', '4.lock', 'latest.tar.gz']);
  });

  test('SRC-477, SRC-394, RTM-547: a spent time budget is an error, and nothing is removed', async () => {
    await plant(4, 3, 2, 1);
    const failure = collectGarbage(folder(), '4', { ttl: 1, records: 1 }, { timeout: 0 });
    await expect(failure).rejects.toMatchObject({ reason: 'Timeout' });
    await expect(failure).rejects.toThrow(/deadline/);
    expect(await readdir(folder())).toHaveLength(8);
  });

  test('an object without directory has no garbage', async () => {
    expect(await storage.collectGarbage(storage.pathOf(owner, 'x'))).toEqual([]);
  });
});
