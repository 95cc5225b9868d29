/** Controllers behind a bad network: whatever happens to single requests, the end is exactly what the last commit says. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { KustomizationKind, type KubeObject } from '@gitops-toolkit/api';
import { startFaultInjector } from '../faults/index.ts';
import { suite } from '../runner/suite.ts';
import {
  connect,
  gitRepository,
  handle,
  installToolkit,
  kinds,
  kustomization,
  namespace,
  serveRepository,
  startPipeline,
  type Pipeline,
} from '../toolkit/index.ts';

type ConfigMap = KubeObject & { data?: Record<string, string> };

const parts = Array.from({ length: 20 }, (_, index) => `part-${String(index + 1).padStart(2, '0')}`);
const commits = 10;

/** Desired state after a commit: data of each ConfigMap, by name. Each part has one that stays, changes, and comes and goes. */
function desired(commit: number): Map<string, string> {
  const state = new Map<string, string>();
  for (const [index, part] of parts.entries()) {
    state.set(`${part}-fixed`, 'as it was');
    state.set(`${part}-moving`, `commit ${commit - ((commit + index) % 3)}`);
    if ((commit + index) % 2 === 0) state.set(`${part}-passing`, `commit ${commit}`);
  }
  return state;
}

const manifest = (name: string, value: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  namespace: ${namespace}\ndata:\n  value: ${value}\n`;

function filesOf(commit: number): Record<string, string | null> {
  const files: Record<string, string | null> = {};
  for (const part of parts) files[`${part}/passing.yaml`] = null;
  for (const [name, value] of desired(commit)) {
    const part = name.slice(0, name.lastIndexOf('-'));
    files[`${part}/${name.slice(part.length + 1)}.yaml`] = manifest(name, value);
  }
  return files;
}

/** What a process says that is about to run into trouble. */
const complaints = /MaxListenersExceededWarning|broke down|panic|unhandled|Unhandled/;

async function assertUnharmed({ source, kustomize }: Pipeline): Promise<void> {
  for (const { name, program } of [source, kustomize]) {
    assert.equal(program.ending, undefined, `${name} still runs`);
    const log = await readFile(program.logFile, 'utf8');
    const line = log.split('\n').find((text) => complaints.test(text));
    assert.equal(line, undefined, `${name} complains: ${line}`);
  }
}

export default suite('faults', [
  {
    name: 'twenty Kustomizations converge over ten commits while one request in ten is spoiled',
    timeoutMs: 150_000,
    notOn: { existing: 'the faults are injected into local connections' },
    async run(context) {
      const { controlPlane, folder, signal, note } = context;
      const client = await connect(context);
      await installToolkit(client, signal);
      const faults = await startFaultInjector(controlPlane.kubeconfig, folder, {
        rate: 0.1,
        watchPeriod: 6,
        stallMs: 5_000,
        watchMs: 4_000,
        seed: 20_260,
      });
      context.cleanUp(() => faults.close());
      const repository = await serveRepository(context, 'parts', filesOf(0));
      const disturbed = { ...context, controlPlane: { ...controlPlane, kubeconfig: faults.kubeconfig } };
      const pipeline = await startPipeline(disturbed);
      const source = await gitRepository(client, signal, 'parts', { url: repository.url, interval: '1s' });
      await Promise.all(
        parts.map((part) =>
          kustomization(client, signal, part, 'parts', { path: `./${part}`, interval: '20s', timeout: '20s' }),
        ),
      );

      let head = '';
      for (let commit = 1; commit <= commits; commit += 1) {
        head = await repository.commit(filesOf(commit));
        await source.until(
          `to see commit ${commit}`,
          ({ status }) => status?.artifact?.revision.endsWith(head),
          60_000,
        );
      }
      const all = parts.map((part) => handle(client, KustomizationKind, part, signal));
      await Promise.all(all.map((each) => each.ready(head, 60_000)));

      const actual = async () => {
        const { items } = await client.list<ConfigMap>(kinds.configMaps, { namespace, signal });
        return new Map(
          items
            .filter(({ metadata }) => /^part-/.test(metadata.name))
            .map((map) => [map.metadata.name, map.data?.value]),
        );
      };
      assert.deepEqual(
        Object.fromEntries([...(await actual())].sort()),
        Object.fromEntries([...desired(commits)].sort()),
      );
      for (const each of all) {
        const { status } = await each.get();
        const part = [...desired(commits).keys()].filter((name) => name.startsWith(`${each.name}-`));
        assert.equal(status?.inventory?.entries.length, part.length, `${each.name} has an inventory of its objects`);
      }
      const done = Object.entries(faults.counts).map(([fault, count]) => `${count} ${fault}`);
      note(`${faults.requests} requests, of which ${done.join(', ')}`);
      for (const [fault, count] of Object.entries(faults.counts)) assert.ok(count > 0, `${fault} happened`);

      // Deletion, too, must get through: finalizers run to their end.
      await Promise.all(all.map((each) => each.delete()));
      await Promise.all(all.map((each) => each.gone(60_000)));
      assert.deepEqual([...(await actual()).keys()], []);
      await assertUnharmed(pipeline);
      const endings = await Promise.all(
        [pipeline.source, pipeline.kustomize].map(({ program }) => program.stop(40_000)),
      );
      assert.deepEqual(endings, [
        { code: 0, signal: null },
        { code: 0, signal: null },
      ]);
    },
  },
]);
