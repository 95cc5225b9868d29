/** Controllers as processes: their `main.ts` with flags, nothing shared with the suite but the API server. */
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { freePorts, waitFor, type Program } from '../processes/index.ts';
import type { Context } from '../runner/suite.ts';
import { namespace } from './cluster.ts';

const apps = resolve(import.meta.dirname, '../../../apps');

/** The deployable programs. */
export const controllerNames = [
  'source-controller',
  'kustomize-controller',
  'helm-controller',
  'notification-controller',
  'image-reflector-controller',
  'image-automation-controller',
] as const;
export type ControllerName = (typeof controllerNames)[number];

/** The program of a controller, as its container starts it. */
export const mainOf = (name: ControllerName) => resolve(apps, name, 'src/main.ts');

/** A controller that runs, or ran. */
export interface Controller {
  readonly name: ControllerName;
  /** The process of the latest start. */
  readonly program: Program;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it again with the same flags, ports and files; resolves when it is ready. */
  restart(): Promise<void>;
  /** Status of a probe, 0 when nothing listens. */
  probe(path: '/healthz' | '/readyz'): Promise<number>;
  /** The metrics page. */
  metrics(): Promise<string>;
}

/** Starts a controller and waits until it is ready. The address flags are chosen here; `args` are the others. */
export async function startController(
  context: Pick<Context, 'start' | 'controlPlane' | 'signal'>,
  name: ControllerName,
  args: string[] = [],
  env: Record<string, string> = {},
): Promise<Controller> {
  const [health, metrics] = await freePorts(2);
  const start = () =>
    context.start({
      name,
      command: process.execPath,
      args: [mainOf(name), `--health-addr=127.0.0.1:${health}`, `--metrics-addr=127.0.0.1:${metrics}`, ...args],
      env: { KUBECONFIG: context.controlPlane.kubeconfig, RUNTIME_NAMESPACE: namespace, ...env },
    });
  const probe = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${health}${path}`, { signal: AbortSignal.timeout(2_000) }).catch(
      () => undefined,
    );
    await answer?.body?.cancel();
    return answer?.status ?? 0;
  };
  const untilReady = async (program: Program) => {
    await waitFor(`${name} to be ready`, async () => program.ending !== undefined || (await probe('/readyz')) === 200, {
      signal: context.signal,
    });
    if (program.ending) throw new Error(`${name} ended before it was ready:\n${await program.logTail()}`);
  };

  let program = await start();
  await untilReady(program);
  return {
    name,
    get program() {
      return program;
    },
    async kill() {
      program.kill('SIGKILL');
      await program.exited;
    },
    async restart() {
      program = await start();
      await untilReady(program);
    },
    probe,
    metrics: async () => (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text(),
  };
}

/** The two controllers of the pipeline. */
export interface Pipeline {
  source: Controller;
  kustomize: Controller;
  /** Storage directory of the source controller. */
  storage: string;
  /** Directory for temporary files of both. */
  temporary: string;
}

/** Flags that make failures retry soon, so that suites need not wait long; everything else is as by default. */
const impatient = ['--min-retry-delay=200ms', '--max-retry-delay=2s', '--interval-jitter-percentage=0'];

/** Starts the source and the kustomize controller. */
export async function startPipeline(
  context: Context,
  options: { common?: string[]; kustomize?: string[]; env?: Record<string, string> } = {},
): Promise<Pipeline> {
  const [port] = await freePorts(1);
  const { common = [], kustomize = [] } = options;
  const storage = await makeFolder(context.folder, 'storage');
  const temporary = await makeFolder(context.folder, 'tmp');
  const address = `127.0.0.1:${port}`;
  const files = [`--storage-path=${storage}`, `--storage-addr=${address}`, `--storage-adv-addr=${address}`];
  const env = { TMPDIR: temporary, ...options.env };
  const [source, applier] = await Promise.all([
    startController(context, 'source-controller', [...impatient, ...common, ...files], env),
    startController(
      context,
      'kustomize-controller',
      [...impatient, '--requeue-dependency=1s', ...common, ...kustomize],
      env,
    ),
  ]);
  return { source, kustomize: applier, storage, temporary };
}

async function makeFolder(parent: string, name: string): Promise<string> {
  const path = resolve(parent, name);
  await mkdir(path, { recursive: true });
  return path;
}
