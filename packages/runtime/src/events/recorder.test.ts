import { startEmbeddedKube } from '@gitops-toolkit/embedded-kube';
import type { KubeClient } from '@gitops-toolkit/kube';
import { createLogger } from '../log/pino.ts';
import { testServer } from '../testing/http.ts';
import { connect, eventKind, thing, type StoredEvent } from '../testing/thing.ts';
import { createEventRecorder } from './recorder.ts';

let kube: Awaited<ReturnType<typeof startEmbeddedKube>>;
let client: KubeClient;
beforeAll(async () => {
  kube = await startEmbeddedKube();
  client = await connect(kube.kubeconfigYaml);
});
afterAll(async () => {
  await client.close();
  await kube.close();
});

function setup(level = 'info', url?: string) {
  const lines: string[] = [];
  const log = createLogger({ level, destination: { write: (line) => void lines.push(line) } });
  const recorder = createEventRecorder({ client, controller: 'thing-controller', url, log });
  return { recorder, logs: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}
const stored = async (name: string) =>
  (await client.list<StoredEvent>(eventKind, { namespace: 'test' })).items.filter(({ metadata }) =>
    metadata.name.startsWith(`${name}.`),
  );

test('RTM-128: an event told again is counted on the stored one', async () => {
  const { recorder } = setup();
  for (let i = 0; i < 3; i++) recorder.emit(thing('counted'), { reason: 'Succeeded', message: 'done' });
  recorder.emit(thing('counted'), { type: 'Warning', reason: 'Failed', message: 'not done' });
  await recorder.drain();
  expect((await stored('counted')).map(({ type, reason, count }) => [type, reason, count]).sort()).toEqual([
    ['Normal', 'Succeeded', 3],
    ['Warning', 'Failed', 1],
  ]);
});

test('RTM-128: a stored event that expired is told anew', async () => {
  const { recorder } = setup();
  recorder.emit(thing('expired'), { reason: 'Succeeded', message: 'done' });
  await recorder.drain();
  const [first] = await stored('expired');
  await client.delete(eventKind, first!.metadata);
  recorder.emit(thing('expired'), { reason: 'Succeeded', message: 'done' });
  await recorder.drain();
  expect((await stored('expired'))[0]).toMatchObject({ count: 2 });
});

test('RTM-135: an object without a namespace is refused with a log line, and nothing is posted', async () => {
  const endpoint = await testServer((_count, response) => response.end());
  const { recorder, logs } = setup('info', endpoint.url);
  const { namespace: _, ...metadata } = thing('nowhere').metadata;
  recorder.emit({ ...thing('nowhere'), metadata }, { reason: 'R', message: 'm' });
  await recorder.drain();
  expect(logs()).toEqual([expect.objectContaining({ level: 'error', msg: 'unable to record event', name: 'nowhere' })]);
  expect(endpoint.requests).toEqual([]);
  await endpoint.close();
});

test('RTM-136, RTM-450: a delivery that fails is logged with the kind of the object, and nothing else', async () => {
  const endpoint = await testServer((_count, response) => response.writeHead(400).end());
  const { recorder, logs } = setup('info', endpoint.url);
  expect(() => recorder.emit(thing('refused'), { reason: 'R', message: 'm' })).not.toThrow();
  await recorder.drain();
  expect(logs()).toEqual([
    expect.objectContaining({ msg: 'unable to record event', 'reconciler kind': 'Thing', namespace: 'test' }),
  ]);
  await endpoint.close();
});

test('RTM-146, RTM-542: an answer of 429 is no failure', async () => {
  const endpoint = await testServer((_count, response) => response.writeHead(429).end());
  const { recorder, logs } = setup('info', endpoint.url);
  recorder.emit(thing('known'), { reason: 'R', message: 'm' });
  await recorder.drain();
  expect([endpoint.requests.length, logs()]).toEqual([1, []]);
  await endpoint.close();
});

test('RTM-133: at level trace every event is logged, warnings as errors', async () => {
  const { recorder, logs } = setup('trace');
  const object = thing('traced', {}, { annotations: { 'event.toolkit.fluxcd.io/team': 'blue' } });
  recorder.emit(object, { type: 'Trace', reason: 'Quiet', message: 'nothing new' });
  recorder.emit(object, { type: 'Warning', reason: 'Loud', message: 'too much' });
  await recorder.drain();
  const facts = {
    name: 'traced',
    namespace: 'test',
    'reconciler kind': 'Thing',
    annotations: { 'event.toolkit.fluxcd.io/team': 'blue' },
  };
  expect(logs()).toEqual([
    expect.objectContaining({ ...facts, level: 'info', reason: 'Quiet', msg: 'nothing new' }),
    expect.objectContaining({ ...facts, level: 'error', reason: 'Loud', error: 'Loud', msg: 'too much' }),
  ]);
});

test('RTM-147: a slow endpoint delays no caller, and keeps the order per object', async () => {
  let open: () => void = () => {};
  const gate = new Promise<void>((resolve) => (open = resolve));
  const endpoint = await testServer(async (_count, response) => {
    await gate;
    response.end();
  });
  const { recorder } = setup('info', endpoint.url);
  for (const message of ['1', '2', '3']) recorder.emit(thing('slow'), { reason: 'R', message });
  open();
  await recorder.drain();
  expect(endpoint.requests.map(({ body }) => (JSON.parse(body) as { message: string }).message)).toEqual([
    '1',
    '2',
    '3',
  ]);
  await endpoint.close();
});
