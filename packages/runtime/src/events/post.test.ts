import { manualClock } from '../testing/clock.ts';
import { testServer, type TestServer } from '../testing/http.ts';
import { eventMetadata } from './recorder.ts';
import { eventsUrl, postedEvent, postEvent, severityOf } from './post.ts';

const object = {
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  metadata: { name: 'apps', namespace: 'flux-system', uid: 'u1', resourceVersion: '42' },
};
const event = { reason: 'Progressing', message: 'applied' };
const posted = postedEvent(object, event, { k: 'v' }, 'kustomize-controller', Date.parse('2026-01-02T15:04:05.678Z'));

let server: TestServer;
afterEach(() => server?.close());

/** Posts to a server that answers these statuses in turn; waits are skipped by the clock. */
async function post(...statuses: number[]) {
  server = await testServer((count, response) => response.writeHead(statuses[count - 1] ?? 200).end());
  const clock = manualClock();
  const waits: number[] = [];
  const result = postEvent(`${server.url}/`, posted, { clock }).then(
    () => 'delivered',
    (error: Error) => error.message,
  );
  let settled = false;
  void result.then(() => (settled = true));
  const deadline = Date.now() + 10_000;
  while (!settled && Date.now() < deadline) {
    const [wait] = clock.pending();
    if (wait !== undefined) waits.push(wait);
    await clock.advance(wait ?? 0);
  }
  return { result: await result, waits, count: server.requests.length };
}

test('RTM-137, RTM-138, RTM-139, RTM-140, RTM-141, RTM-142, RTM-143, RTM-144: the body of a posted event', async () => {
  await post(200);
  const [request] = server.requests;
  expect(request).toMatchObject({ method: 'POST', path: '/', headers: { 'content-type': 'application/json' } });
  expect(JSON.parse(request!.body)).toEqual({
    involvedObject: {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      name: 'apps',
      namespace: 'flux-system',
      uid: 'u1',
      resourceVersion: '42',
    },
    severity: 'info',
    timestamp: '2026-01-02T15:04:05Z',
    message: 'applied',
    reason: 'Progressing',
    metadata: { k: 'v' },
    reportingController: 'kustomize-controller',
    reportingInstance: expect.stringMatching(/./),
  });
});

test('RTM-541: two failures, then success: three requests', async () => {
  expect(await post(500, 500, 200)).toEqual({ result: 'delivered', count: 3, waits: [1000, 2000] });
});

test('RTM-145: four retries at most, waiting 1 s, 2 s, 4 s, 8 s', async () => {
  const { result, count, waits } = await post(500, 502, 503, 504, 500, 500);
  expect(result).toMatch(/answered 500/);
  expect([count, waits]).toEqual([5, [1000, 2000, 4000, 8000]]);
});

test('RTM-146, RTM-542: 429 counts as delivered; 501 and other 4xx are not tried again', async () => {
  expect(await post(429)).toEqual({ result: 'delivered', count: 1, waits: [] });
  await server.close();
  for (const status of [400, 404, 501]) {
    expect(await post(status)).toMatchObject({ result: expect.stringContaining(`${status}`), count: 1 });
    await server.close();
  }
});

test('RTM-134, RTM-544: the address', () => {
  expect(eventsUrl('')).toBeUndefined();
  expect(eventsUrl('http://notification-controller.ns.svc.cluster.local./')).toBe(
    'http://notification-controller.ns.svc.cluster.local./',
  );
  expect(() => eventsUrl('not a url')).toThrow(/not a URL/);
  expect(() => eventsUrl('ftp://x')).toThrow(/http/);
});

test('RTM-129: severities', () => {
  expect(['Normal', 'Warning', 'Trace'].map((type) => severityOf(type as 'Normal'))).toEqual([
    'info',
    'error',
    'trace',
  ]);
});

test('RTM-131, RTM-132, RTM-148, RTM-540: metadata of the caller under the group, annotations of the object win', () => {
  const metadata = Object.freeze({ revision: 'main', 'event.toolkit.fluxcd.io/x': 'caller' });
  const annotated = {
    ...object,
    metadata: { ...object.metadata, annotations: { 'event.toolkit.fluxcd.io/x': 'object', other: 'ignored' } },
  };
  expect(eventMetadata(annotated, { ...event, metadata })).toEqual({
    'kustomize.toolkit.fluxcd.io/revision': 'main',
    'event.toolkit.fluxcd.io/x': 'object',
  });
  expect(eventMetadata(object, event)).toEqual({});
});
