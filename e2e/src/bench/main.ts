/** `npm run bench`: how much time and work it takes to bring many Kustomizations to Ready, and then to keep them so. */
import { access, mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { GitRepositoryKind, KustomizationKind } from '@gitops-toolkit/api';
import { createInformerCache, type Informer, type KubeClient } from '@gitops-toolkit/kube';
import { startControlPlane, type ControlPlane } from '../control-planes/index.ts';
import { scratchFolder, startProgram, waitFor } from '../processes/index.ts';
import { openContext } from '../runner/context.ts';
import type { Context } from '../runner/suite.ts';
import {
  apply,
  connect,
  gitRepository,
  handle,
  installToolkit,
  isReady,
  kinds,
  kustomization,
  serveRepository,
  startPipeline,
  type Controller,
  type Reconciled,
} from '../toolkit/index.ts';
import { filesFor, nameOf, targetNamespace } from './load.ts';
import { read, servedRequests, usageBetween, type Reading } from './measure.ts';
import { parseOptions, usage, UsageError, type BenchOptions } from './options.ts';
import { markdown, readsOf, writesOf, type Pass, type Results } from './report.ts';

/** How long a pass may take before the benchmark gives up. */
const passDeadlineMs = 600_000;
/** Creations under way at a time, as `flux` and `kubectl` users would never exceed. */
const creators = 10;

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  let options: BenchOptions | 'help';
  try {
    options = parseOptions(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\n${usage}`);
    return 2;
  }
  if (options === 'help') {
    console.log(usage);
    return 0;
  }
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(new Error(name)));
  const note = (line: string) => console.error(line);
  const plane = await startPlane(options, stop.signal, note);
  const opened = await openContext({ plane, name: 'bench', signal: stop.signal, note, keep: false });
  try {
    const results = await measure(opened.context, options);
    console.log(markdown(results));
    if (options.json) await writeFile(options.json, `${JSON.stringify(results, undefined, 2)}\n`);
    return 0;
  } catch (error) {
    throw await opened.explain(error);
  } finally {
    await opened.close();
    await plane.stop();
  }
}

/** The API server, in processes of its own whatever its kind. */
async function startPlane(
  { kind, kubeconfig }: BenchOptions,
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<ControlPlane> {
  if (kind !== 'embedded') return startControlPlane(kind, { kubeconfig, signal, log });
  const scratch = await scratchFolder('bench-api-server');
  const path = join(scratch.path, 'kubeconfig');
  const server = await startProgram({
    name: 'api-server',
    command: process.execPath,
    args: [join(import.meta.dirname, 'api-server.ts'), path],
    logFile: join(scratch.path, 'api-server.log'),
  });
  await waitFor('the embedded API server', () => access(path).then(() => true), { signal });
  return {
    kind,
    kubeconfig: path,
    async stop() {
      await server.stop();
      await scratch.remove();
    },
  };
}

async function measure(context: Context, options: BenchOptions): Promise<Results> {
  const { signal, note, cleanUp } = context;
  const client = await connect(context);
  await installToolkit(client, signal);
  await apply(client, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: targetNamespace } }, signal);
  // Other control planes end with the benchmark.
  if (options.kind === 'existing') cleanUp(() => removeEverything(client, options));
  const repository = await serveRepository(context, 'bench', filesFor(options.kustomizations));
  if (options.profile) await mkdir(options.profile, { recursive: true });
  const env = options.profile ? { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${options.profile}` } : undefined;
  const { source, kustomize } = await startPipeline(context, { env });
  const controllers = { 'source-controller': source, 'kustomize-controller': kustomize };
  const watching = new AbortController();
  cleanUp(() => watching.abort());
  const watch = await watchKustomizations(client, AbortSignal.any([signal, watching.signal]));
  const meter = createMeter(client, controllers);

  note(`creating ${options.kustomizations} Kustomizations`);
  const first = await meter('first: everything is created', async () => {
    await gitRepository(client, signal, 'bench', { url: repository.url });
    await create(client, options, signal);
    await watch.allReady(options.kustomizations);
  });
  note(`all Ready after ${first.wallSeconds.toFixed(1)} s; watching one interval of ${options.interval}`);
  await quiet(kustomize, signal);
  const second = await meter('second: nothing has changed', () => delay(options.intervalMs, signal));
  const usage = second.controllers['kustomize-controller'];
  if (usage) {
    const each = usage.runs === 0 ? 0 : readsOf(usage) / usage.runs;
    note(`second pass: ${writesOf(usage)} writes, ${each.toFixed(2)} reads per run`);
  }
  return {
    kustomizations: options.kustomizations,
    objects: 4,
    controlPlane: options.kind,
    cores: availableParallelism(),
    passes: [first, second],
  };
}

/** Measures what the controllers use while something goes on. */
function createMeter(client: KubeClient, controllers: Record<string, Controller>) {
  const names = Object.keys(controllers);
  const readAll = async () =>
    Object.fromEntries(
      await Promise.all(names.map(async (name) => [name, await read(controllers[name]!)] as const)),
    ) as Record<string, Reading>;
  return async (name: string, work: () => Promise<void>): Promise<Pass> => {
    const served = await servedRequests(client);
    const before = await readAll();
    const started = performance.now();
    await work();
    const wallSeconds = (performance.now() - started) / 1000;
    const after = await readAll();
    const usages = names.map((each) => [each, usageBetween(before[each]!, after[each]!)] as const);
    const verbs = served && difference(served, (await servedRequests(client)) ?? {}, names);
    return { name, wallSeconds, controllers: Object.fromEntries(usages), ...(verbs && { verbs }) };
  };
}

function difference(before: Record<string, number>, after: Record<string, number>, clients: string[]) {
  const entries = Object.entries(after)
    .filter(([key]) => clients.includes(key.split(' ')[0]!))
    .map(([key, count]) => [key, count - (before[key] ?? 0)] as const)
    .filter(([, count]) => count > 0);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function create(client: KubeClient, options: BenchOptions, signal: AbortSignal): Promise<void> {
  await inParallel(options.kustomizations, async (index) => {
    const name = nameOf(index);
    await kustomization(client, signal, name, 'bench', { path: `./${name}`, interval: options.interval });
  });
}

/** Leaves a cluster of the user's as it was, but for the CRDs; the controllers must still run. */
async function removeEverything(client: KubeClient, options: BenchOptions): Promise<void> {
  const { signal } = new AbortController();
  await inParallel(options.kustomizations, async (index) => {
    const each = handle(client, KustomizationKind, nameOf(index), signal);
    await each.delete();
    await each.gone(60_000);
  });
  const source = handle(client, GitRepositoryKind, 'bench', signal);
  await source.delete();
  await source.gone(60_000);
  await client.delete(kinds.namespaces, { name: targetNamespace });
}

async function inParallel(count: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < count; index = next++) await work(index);
  };
  await Promise.all(Array.from({ length: creators }, worker));
}

/** Follows the Kustomizations with a watch, which costs the server less than asking again and again. */
async function watchKustomizations(client: KubeClient, signal: AbortSignal) {
  const cache = createInformerCache(client);
  const informer = cache.informer(KustomizationKind) as unknown as Informer<Reconciled>;
  const ready = new Set<string>();
  const changed = (object: Reconciled) => {
    if (isReady(object)) ready.add(object.metadata.name);
    else ready.delete(object.metadata.name);
  };
  informer.subscribe({ added: changed, updated: changed, deleted: ({ metadata }) => void ready.delete(metadata.name) });
  cache.start(signal);
  await cache.waitForSync(signal);
  return {
    allReady: async (count: number) => {
      try {
        await waitFor(`${count} Ready Kustomizations`, () => ready.size >= count, {
          timeoutMs: passDeadlineMs,
          everyMs: 20,
          signal,
        });
      } catch (error) {
        if (error instanceof Error) error.message += `; ${ready.size} are`;
        throw error;
      }
    },
  };
}

/** Waits until the events and status writes of the first pass are through: no request within half a second. */
async function quiet(controller: Controller, signal: AbortSignal): Promise<void> {
  let last = -1;
  await waitFor(
    'the controllers to be quiet',
    async () => {
      const { metrics } = await read(controller);
      const writes = [...metrics].filter(([name]) => /^rest_client_requests_total\{.*method="P/.test(name));
      const total = writes.reduce((sum, [, value]) => sum + value, 0);
      const isQuiet = total === last;
      last = total;
      return isQuiet;
    },
    { everyMs: 500, signal, timeoutMs: 60_000 },
  );
}

function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done, fail) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), fail(signal.reason)), { once: true });
  });
}
