import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeObject } from '@gitops-toolkit/api';
import { startEmbeddedKube } from '@gitops-toolkit/embedded-kube';
import type { KubeClient } from '@gitops-toolkit/kube';
import { conditionView, connect, eventually, leaseKind, thing, thingKind, type Thing } from '../testing/thing.ts';
import type { ProgramDefinition } from './definition.ts';
import { runProgram } from './run.ts';

let kube: Awaited<ReturnType<typeof startEmbeddedKube>>;
let client: KubeClient;
const folder = mkdtempSync(join(tmpdir(), 'program-'));
const kubeconfig = join(folder, 'kubeconfig');
beforeAll(async () => {
  kube = await startEmbeddedKube();
  client = await connect(kube.kubeconfigYaml);
  writeFileSync(kubeconfig, kube.kubeconfigYaml);
});
afterAll(async () => {
  await client.close();
  await kube.close();
  rmSync(folder, { recursive: true, force: true });
});

type Line = Record<string, unknown> & { msg: string; url?: string };

/** Runs a program with every server on a free loopback port. */
function run(program: Partial<ProgramDefinition>, ...args: string[]) {
  const lines: Line[] = [];
  const stop = new AbortController();
  const io = {
    args: ['--metrics-addr=127.0.0.1:0', '--health-addr=127.0.0.1:0', '--leader-election-retry-period=20ms', ...args],
    env: { KUBECONFIG: kubeconfig, RUNTIME_NAMESPACE: 'test' },
    stderr: { write: (line: string) => lines.push(JSON.parse(line) as Line) },
    signal: stop.signal,
  };
  const code = runProgram({ name: 'thing-controller', setup: () => {}, ...program }, io);
  const url = (what: string) => eventually(() => lines.find(({ msg }) => msg.startsWith(`${what} server`))?.url);
  const status = async (what: string, path: string) => (await fetch((await url(what)) + path)).status;
  return { code, lines, stop: () => stop.abort(new Error('received SIGTERM')), url, status };
}
const lease = async () =>
  (await client.find<KubeObject & { spec: { holderIdentity: string } }>(leaseKind, leaseKey))?.spec;
const leaseKey = { namespace: 'test', name: 'thing-controller-leader-election' };

test('RTM-266, RTM-268, RTM-436, RTM-474: from the command line to a reconciled object and back', async () => {
  const program = run({
    setup: (manager) => void manager.add<Thing>({ kind: thingKind, interval: () => 0, reconcile: async () => {} }),
  });
  await client.create(thing('a'));
  await eventually(
    async () => conditionView(await client.get<Thing>(thingKind, { namespace: 'test', name: 'a' })).Ready,
  );
  const metrics = await (await fetch(`${await program.url('metrics')}/metrics`)).text();
  expect(metrics).toMatch(/^rest_client_requests_total\{code="200",method="GET",host="127.0.0.1:\d+"\} [1-9]/m);
  expect(metrics).toContain('workqueue_adds_total{name="thing",controller="thing"}');
  expect(await program.status('health', '/readyz')).toBe(200);
  program.stop();
  expect(await program.code).toBe(0);
});

test('RTM-259, RTM-261, RTM-445, RTM-475: only the leader works; every replica is alive; the lease is handed over', async () => {
  const seen: string[] = [];
  const replica = (name: string) =>
    run(
      {
        setup(manager) {
          manager.addService({
            name: 'leader only',
            leaderOnly: true,
            async run(signal) {
              seen.push(name);
              await new Promise((resolve) => signal.addEventListener('abort', resolve));
            },
          });
        },
      },
      '--enable-leader-election',
    );
  const first = replica('first');
  await eventually(() => seen.length === 1);
  const second = replica('second');
  expect(await second.status('health', '/healthz')).toBe(200);
  const master = async (program: typeof first) =>
    /leader_election_master_status\{name="thing-controller-leader-election"\} (\d)/.exec(
      await (await fetch(`${await program.url('metrics')}/metrics`)).text(),
    )![1];
  expect([await master(first), await master(second)]).toEqual(['1', '0']);
  expect(seen).toEqual(['first']);
  first.stop();
  expect(await first.code).toBe(0);
  await eventually(() => seen.length === 2);
  expect(seen).toEqual(['first', 'second']);
  second.stop();
  expect(await second.code).toBe(0);
  expect((await lease())!.holderIdentity).toBe('');
});

test('RTM-260: losing the lease ends the program with 1', async () => {
  const program = run({}, '--enable-leader-election');
  await eventually(async () => (await lease())?.holderIdentity);
  await client.patch(leaseKind, leaseKey, { type: 'merge', body: { spec: { holderIdentity: 'somebody else' } } });
  expect(await program.code).toBe(1);
  expect(program.lines.at(-1)).toMatchObject({ level: 'error', error: expect.stringContaining('lost the lease') });
});

test('an address in use ends the program with 1', async () => {
  const first = run({});
  const { host } = new URL(await first.url('health'));
  const second = run({}, `--health-addr=${host}`);
  expect(await second.code).toBe(1);
  expect(second.lines.at(-1)).toMatchObject({ error: expect.stringContaining('EADDRINUSE') });
  first.stop();
  expect(await first.code).toBe(0);
});

test('RTM-267: what the set-up refuses ends the program with 1', async () => {
  const { ConfigurationError } = await import('./definition.ts');
  const program = run({
    setup() {
      throw new ConfigurationError('the storage path does not exist');
    },
  });
  expect(await program.code).toBe(1);
  expect(program.lines.at(-1)).toMatchObject({
    level: 'error',
    logger: 'setup',
    error: 'the storage path does not exist',
  });
});

test('RTM-426: gates that are set are logged with name and value', async () => {
  const program = run({ featureGates: { Known: true } }, '--feature-gates=Known=false');
  await eventually(() => program.lines.length > 0);
  expect(program.lines[0]).toMatchObject({ msg: 'loading feature gate', name: 'Known', value: false });
  program.stop();
  expect(await program.code).toBe(0);
});
