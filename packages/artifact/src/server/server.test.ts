import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf } from '../digest/digest.ts';
import { startFileServer, type FileServer } from './server.ts';

let directory: string;
let server: FileServer;
let url: string;
const content = Buffer.from('0123456789');
const path = 'bucket/apps/web/abc.tar.gz';

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'server-'));
  await mkdir(join(directory, 'bucket/apps/web'), { recursive: true });
  await writeFile(join(directory, path), content);
  server = await startFileServer({ directory, address: '127.0.0.1:0', grace: 100 });
  url = `http://127.0.0.1:${server.port}`;
});
afterEach(async () => {
  await server.close();
  await rm(directory, { recursive: true, force: true });
});

const get = (target: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`${url}/${target}`, { headers, method, redirect: 'manual' });

/** The status of a request whose path is sent exactly as written. */
const rawStatus = (rawPath: string) =>
  new Promise<number | undefined>((done, failed) => {
    httpRequest({ port: server.port, host: '127.0.0.1', path: rawPath }, (response) => {
      response.resume();
      done(response.statusCode);
    })
      .on('error', failed)
      .end();
  });

describe('file server', () => {
  test('SRC-458: GET and HEAD with length, type, time and the digest as ETag', async () => {
    const answer = await get(path);
    expect(answer.status).toBe(200);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(content);
    const headers = Object.fromEntries(answer.headers);
    expect(headers).toMatchObject({
      'content-length': '10',
      'content-type': 'application/gzip',
      'accept-ranges': 'bytes',
      'cache-control': 'no-cache',
      etag: `"${await digestOf(content)}"`,
    });
    expect(headers['last-modified']).toBeDefined();
    const head = await get(path, {}, 'HEAD');
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '10', '']);
  });

  test('SRC-459: ranges', async () => {
    const cases: [string, number, string, string | null][] = [
      ['bytes=0-3', 206, '0123', 'bytes 0-3/10'],
      ['bytes=7-', 206, '789', 'bytes 7-9/10'],
      ['bytes=-2', 206, '89', 'bytes 8-9/10'],
      ['bytes=10-', 416, 'range not satisfiable\n', 'bytes */10'],
      ['bytes=0-1,3-4', 200, '0123456789', null],
    ];
    for (const [range, status, body, contentRange] of cases) {
      const answer = await get(path, { range });
      expect([range, answer.status, await answer.text(), answer.headers.get('content-range')]).toEqual([
        range,
        status,
        body,
        contentRange,
      ]);
    }
  });

  test('SRC-459: conditional requests answer 304, and 200 with new bytes after a rewrite', async () => {
    const first = await get(path);
    const etag = first.headers.get('etag')!;
    await first.arrayBuffer();
    expect((await get(path, { 'if-none-match': etag })).status).toBe(304);
    expect((await get(path, { 'if-modified-since': first.headers.get('last-modified')! })).status).toBe(304);
    await writeFile(join(directory, path), 'rewritten artifact');
    const second = await get(path, { 'if-none-match': etag });
    expect([second.status, await second.text()]).toEqual([200, 'rewritten artifact']);
  });

  test('SRC-460: a missing file', async () => {
    const answer = await get('bucket/apps/web/none.tar.gz');
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
      404,
      'text/plain; charset=utf-8',
      '404 page not found\n',
    ]);
  });

  test('SRC-457, SRC-461, RTM-249: the root answers 200, other directories are not listed', async () => {
    expect((await get('')).status).toBe(200);
    expect((await get('bucket')).status).toBe(404);
    expect((await get('bucket/')).status).toBe(404);
    expect((await get(path, {}, 'POST')).status).toBe(404);
  });

  test('SRC-462, SRC-427: nothing outside, nothing hidden, no locks', async () => {
    await writeFile(join(directory, '..', 'secret-of-server-test'), 's');
    await writeFile(join(directory, 'bucket/.hidden'), 's');
    await writeFile(join(directory, `${path}.lock`), '');
    await symlink('/etc/hostname', join(directory, 'bucket/outside'));
    await symlink('.hidden', join(directory, 'bucket/alias'));
    try {
      expect(await rawStatus('/../secret-of-server-test')).toBe(301);
      expect(await rawStatus('/%2e%2e/secret-of-server-test')).toBe(301);
      expect(await rawStatus('/bucket//apps')).toBe(301);
      for (const hidden of ['/bucket/.hidden', '/bucket/outside', '/bucket/alias', `/${path}.lock`, '/%00', '/%zz']) {
        expect([hidden, await rawStatus(hidden)]).toEqual([hidden, hidden === '/%zz' ? 400 : 404]);
      }
    } finally {
      await rm(join(directory, '..', 'secret-of-server-test'));
    }
  });

  test('SRC-463: a link inside the storage is served as its target', async () => {
    await symlink('abc.tar.gz', join(directory, 'bucket/apps/web/latest.tar.gz'));
    expect(await (await get('bucket/apps/web/latest.tar.gz')).text()).toBe('0123456789');
  });

  test('RTM-550, SRC-456: an address in use or without port is an error', async () => {
    const address = `127.0.0.1:${server.port}`;
    await expect(startFileServer({ directory, address })).rejects.toMatchObject({ reason: 'InvalidConfiguration' });
    await expect(startFileServer({ directory, address: 'nowhere' })).rejects.toMatchObject({
      reason: 'InvalidConfiguration',
    });
  });

  test('SRC-456, RTM-249: closing cuts off a download that outlasts the grace period', async () => {
    await writeFile(join(directory, 'bucket/large'), Buffer.alloc(64 * 1024 * 1024));
    const quick = await startFileServer({ directory, address: '127.0.0.1:0', grace: 50 });
    const answer = await fetch(`http://127.0.0.1:${quick.port}/bucket/large`);
    await quick.close();
    await expect(answer.arrayBuffer()).rejects.toThrow();
  });
});
