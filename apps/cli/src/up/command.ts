import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeClient } from '@gitops-toolkit/kube';
import { connect, ensureNamespace, installCrds, startEmbedded, type Cluster } from './cluster.ts';
import { startControllers, type Controllers } from './controllers.ts';
import { createRootObjects, removeRootObjects } from './objects.ts';
import { parseUpOptions, usage, type UpOptions } from './options.ts';
import { openRepository, type ServedRepository } from './repository.ts';
import { isSettled, type ObjectState } from './state.ts';
import { lineView, terminalView } from './table.ts';
import { watchStates } from './watch.ts';

/** How long the objects of a cluster of the user's may take to be pruned at the end, in milliseconds. */
const cleanupMs = 60_000;

/** Ctrl-C reaches this program from the terminal and again through npm: signals this close are one, in milliseconds. */
const sameSignalMs = 1_000;

/** `gotk up`: see the usage text. Resolves with the exit code. */
export async function up(args: string[]): Promise<number> {
  const options = parseUpOptions(args);
  if (options === undefined) {
    console.log(usage);
    return 0;
  }
  const stop = new AbortController();
  const scratch = await mkdtemp(join(tmpdir(), 'gotk-up-'));
  let stoppedAt = 0;
  const onSignal = () => {
    if (!stop.signal.aborted) {
      stoppedAt = Date.now();
      console.error('\nstopping …');
      stop.abort(new Error('interrupted'));
    } else if (Date.now() - stoppedAt > sameSignalMs) {
      rmSync(scratch, { recursive: true, force: true });
      process.exit(130);
    }
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  const started: Started = {};
  try {
    await start(started, options, scratch, stop.signal);
    const code = await follow(started as Required<Started>, options, stop);
    return code;
  } catch (error) {
    if (stop.signal.aborted) return 0;
    throw error;
  } finally {
    await cleanUp(started, options);
    await rm(scratch, { recursive: true, force: true });
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

/** What has been started, to be ended in reverse. */
interface Started {
  cluster?: Cluster;
  repository?: ServedRepository;
  controllers?: Controllers;
}

async function start(started: Started, options: UpOptions, scratch: string, signal: AbortSignal): Promise<void> {
  const cluster = (started.cluster = options.kubeconfig
    ? await connect(options.kubeconfig, options.context, scratch)
    : await startEmbedded(scratch, options.writeKubeconfig));
  started.repository = await openRepository(options, scratch);
  await installCrds(cluster.client, signal);
  await ensureNamespace(cluster.client, options.namespace, signal);

  const logs = join(scratch, 'logs');
  await mkdir(logs);
  started.controllers = await startControllers(cluster.kubeconfig, options, scratch, logs, signal);
  await createRootObjects(cluster.client, options, started.repository, signal);

  console.log(`API server   ${cluster.embedded ? 'embedded, ' : ''}${cluster.client.server}`);
  console.log(`kubeconfig   ${cluster.kubeconfig}   (export KUBECONFIG=${cluster.kubeconfig})`);
  console.log(
    `repository   ${started.repository.url}   branch ${started.repository.branch}, path ${started.repository.path}`,
  );
  console.log(`logs         ${logs}\n`);
}

/** Shows the table until everything is Ready (with `--once`), or until somebody stops it. */
async function follow(started: Required<Started>, options: UpOptions, stop: AbortController): Promise<number> {
  const view = process.stdout.isTTY ? terminalView(process.stdout) : lineView((line) => console.log(line));
  const end = new AbortController();
  const signal = AbortSignal.any([stop.signal, end.signal]);
  let states: ObjectState[] = [];
  const outcome = new Promise<number>((done) => {
    stop.signal.addEventListener('abort', () => done(options.once ? 130 : 0), { once: true });
    void started.controllers.failed.then((name) => {
      if (signal.aborted) return;
      console.error(`${name} ended unexpectedly; its log:\n${started.controllers.tailOf(name)}`);
      done(1);
    });
    if (options.once) setTimeout(() => done(1), options.timeoutMs).unref();
    watchStates(
      started.cluster.client,
      (next) => {
        view.show((states = next));
        if (options.once && isSettled(next)) done(0);
      },
      signal,
    ).catch((error: Error) => {
      if (signal.aborted) return;
      console.error(`lost the API server: ${error.message}`);
      done(1);
    });
  });
  const code = await outcome;
  end.abort();
  if (options.once) summarise(states, code, options);
  return code;
}

function summarise(states: ObjectState[], code: number, options: UpOptions): void {
  if (code === 0) {
    console.log(`\neverything is Ready: ${states.length} objects`);
    return;
  }
  const missing = states.filter((state) => state.phase !== 'ready');
  console.error(`\nnot Ready${code === 1 ? ` after ${Math.round(options.timeoutMs / 1000)} s` : ''}:`);
  for (const { object, namespace, message } of missing)
    console.error(`  ${object} in ${namespace || 'the cluster'}: ${message}`);
  if (states.length === 0) console.error('  no object was seen at all');
}

async function cleanUp({ cluster, repository, controllers }: Started, options: UpOptions): Promise<void> {
  if (cluster && !cluster.embedded && controllers) await prune(cluster.client, options);
  await controllers?.stop();
  await repository?.close();
  await cluster?.close();
}

/** In a cluster of the user's, what was applied goes while the controllers still run to prune it. */
async function prune(client: KubeClient, options: UpOptions): Promise<void> {
  try {
    await removeRootObjects(client, options, AbortSignal.timeout(cleanupMs));
  } catch (error) {
    console.error(
      `could not remove everything: ${(error as Error).message}; delete Kustomization and GitRepository ` +
        `'${options.name}' in namespace '${options.namespace}' yourself`,
    );
  }
}
