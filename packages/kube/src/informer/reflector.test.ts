import { createClient } from '../index.ts';
import { configMap, configMapList, configMaps } from '../testing/objects.ts';
import { beginWatch, sendEvent, sendJson, startServer, until } from '../testing/server.ts';
import { createBackoff } from './backoff.ts';
import { reflect } from './reflector.ts';

test('a watch that has shown bookmarks and falls silent is replaced, from the last of them', async () => {
  const server = await startServer((request, response) => {
    if (!request.query.watch) return sendJson(response, configMapList([], 5));
    sendEvent(beginWatch(response), 'BOOKMARK', { metadata: { resourceVersion: String(server.seen.length * 10) } });
  });
  const client = createClient({ server: server.url });
  const abort = new AbortController();
  const failures: unknown[] = [];
  const sink = { replace() {}, change() {}, absent() {}, failed: (error: unknown) => void failures.push(error) };
  const done = reflect(client, configMaps, { stallMs: 5, backoff: { initialMs: 1, maxMs: 2 } }, sink, abort.signal);
  await until(() => server.seen.length >= 4);
  abort.abort();
  await done;
  expect(server.seen.slice(0, 4).map(({ query }) => query.resourceVersion)).toEqual([undefined, '5', '20', '30']);
  expect(failures).toEqual([]);
  await client.close();
  await server.stop();
});

test('a sink may end it', async () => {
  const server = await startServer((_, response) => sendJson(response, configMapList([configMap('a', 1)], 5)));
  const client = createClient({ server: server.url });
  const sink = {
    replace() {
      throw new Error('no more');
    },
    change() {},
    absent() {},
    failed(error: unknown) {
      throw error;
    },
  };
  await expect(reflect(client, configMaps, {}, sink, new AbortController().signal)).rejects.toThrow('no more');
  await client.close();
  await server.stop();
});

test('waiting times double up to a bound, spread at random, and start over after success', () => {
  const backoff = createBackoff();
  const waits = Array.from({ length: 12 }, () => backoff.next());
  for (const [attempt, wait] of waits.entries()) {
    expect(wait).toBeGreaterThanOrEqual(Math.min(10_000, 800 * 2 ** attempt));
    expect(wait).toBeLessThanOrEqual(Math.min(10_000, 1_600 * 2 ** attempt));
  }
  backoff.reset();
  expect(backoff.next()).toBeLessThanOrEqual(1_600);
});
