import { processFolder } from '../artifacts/folder.ts';
import {
  createClient,
  createInformerCache,
  loadConfig,
  type InformerHooks,
  type RequestObservation,
} from '@gitops-toolkit/kube';
import { Counter, Registry } from 'prom-client';
import type { CommonFlagValues } from '../flags/common.ts';
import type { FlagSet } from '../flags/flag.ts';
import { HelpRequested, parseFlags, usage, UsageError } from '../flags/parse.ts';
import { featureGates, type FeatureGates } from '../gates/gates.ts';
import type { Logger } from '../log/logger.ts';
import { createLogger } from '../log/pino.ts';
import { createManager } from '../manager/manager.ts';
import { registerProcessMetrics } from '../metrics/process.ts';
import { ConfigurationError, type ProgramDefinition, type ProgramFlags } from './definition.ts';
import { checkSettings, declaredFlags, omittedValues } from './settings.ts';
import { shutdownSignal } from './signals.ts';

/** Longest that the process lives on after everything has ended, should something still hold it. */
const lingerMs = 1000;

/** What a program reads from the outside; tests bring their own. */
export interface ProgramIo {
  args: readonly string[];
  env: Record<string, string | undefined>;
  stderr: { write(text: string): unknown };
  /** Aborts when the program shall stop gracefully. */
  signal: AbortSignal;
}

/**
 * Runs a controller as a program: flags, logger, gates, client, manager, servers (RTM-266…268). Returns only by ending
 * the process: 0 after SIGTERM or SIGINT, 2 for a command line that cannot be understood, 1 for anything else.
 */
export async function runController<F extends FlagSet>(program: ProgramDefinition<F>): Promise<never> {
  const code = await runProgram(program, {
    args: process.argv.slice(2),
    env: process.env,
    stderr: process.stderr,
    signal: shutdownSignal(),
  });
  process.exitCode = code;
  // Normally nothing is left to wait for; let standard error drain, then make sure.
  await new Promise((resolve) => setTimeout(resolve, process.stderr.writableLength > 0 ? lingerMs : 0));
  process.exit(code);
}

/** As {@link runController}, but answers the exit code instead of ending the process. */
export async function runProgram<F extends FlagSet>(program: ProgramDefinition<F>, io: ProgramIo): Promise<number> {
  const declared = declaredFlags(program.common, program.flags);
  let parsed: ReturnType<typeof parseFlags>;
  try {
    parsed = parseFlags(declared, io.args, io.env);
  } catch (error) {
    if (!(error instanceof UsageError) && !(error instanceof HelpRequested)) throw error;
    io.stderr.write(usage(program.name, declared));
    if (error instanceof HelpRequested) return 0;
    io.stderr.write(`${error.message}\n`);
    return 2;
  }
  const flags = { ...omittedValues(program.common), ...parsed.values } as ProgramFlags<F>;
  const log = createLogger({
    level: flags['log-level'],
    encoding: flags['log-encoding'] === 'console' ? 'console' : 'json',
    destination: { write: (line) => void io.stderr.write(line) },
  });
  const setupLog = log.child({ logger: 'setup' });
  try {
    const listensForEvents = program.eventsAddr === 'listen';
    checkSettings(flags, !listensForEvents);
    const gates = loadGates(program, flags, setupLog);
    await runManager(program, flags, { gates, log, setupLog, io, given: parsed.given });
    return 0;
  } catch (error) {
    const what = error instanceof ConfigurationError ? 'unable to start as configured' : 'the controller ended';
    setupLog.error({ err: error }, what);
    return 1;
  }
}

function loadGates(
  program: { featureGates?: Record<string, boolean> },
  flags: CommonFlagValues,
  log: Logger,
): FeatureGates {
  const settings = flags['feature-gates'];
  try {
    const gates = featureGates(program.featureGates ?? {}, settings);
    for (const [name, value] of Object.entries(settings)) log.info({ name, value }, 'loading feature gate');
    return gates;
  } catch (error) {
    throw new ConfigurationError(`--feature-gates: ${(error as Error).message}`, { cause: error });
  }
}

interface Prepared {
  gates: FeatureGates;
  log: Logger;
  setupLog: Logger;
  io: ProgramIo;
  /** Flags on the command line. */
  given: Set<string>;
}

async function runManager<F extends FlagSet>(
  program: ProgramDefinition<F>,
  flags: ProgramFlags<F>,
  { gates, log, setupLog, io, given }: Prepared,
): Promise<void> {
  const registry = new Registry();
  registerProcessMetrics(registry);
  const limited = given.has('kube-api-qps') || given.has('kube-api-burst');
  const config = await loadConfig({
    env: io.env,
    userAgent: `${program.name}/${program.version ?? 'dev'}`,
    onRequest: countRequests(registry),
    ...(limited ? { qps: flags['kube-api-qps'], burst: flags['kube-api-burst'] } : {}),
  });
  const client = createClient(config);
  try {
    const runtimeNamespace = io.env.RUNTIME_NAMESPACE || config.namespace || 'flux-system';
    if (!flags['watch-all-namespaces'] && !io.env.RUNTIME_NAMESPACE)
      throw new ConfigurationError('--watch-all-namespaces=false needs the variable RUNTIME_NAMESPACE');
    const { gracePeriodMs } = program;
    const manager = createManager({
      name: program.name,
      fieldManager: program.fieldManager,
      client,
      cache: createInformerCache(client, { onError: informerErrors(log) }),
      log,
      gates,
      registry,
      eventsAddr: program.eventsAddr === 'listen' ? '' : flags['events-addr'],
      metricsAddr: flags['metrics-addr'],
      healthAddr: flags['health-addr'],
      concurrent: flags.concurrent,
      minRetryDelayMs: flags['min-retry-delay'],
      maxRetryDelayMs: flags['max-retry-delay'],
      jitterPercent: program.common?.omit?.includes('interval-jitter-percentage')
        ? 0
        : flags['interval-jitter-percentage'],
      runtimeNamespace,
      watchNamespace: flags['watch-all-namespaces'] ? undefined : runtimeNamespace,
      watchLabelSelector: flags['watch-label-selector'],
      configSelector: watchesConfigs(program, gates) ? flags['watch-configs-label-selector'] : undefined,
      leaderElection: flags['enable-leader-election']
        ? {
            leaseDurationMs: flags['leader-election-lease-duration'],
            renewDeadlineMs: flags['leader-election-renew-deadline'],
            retryPeriodMs: flags['leader-election-retry-period'],
            release: flags['leader-election-release-on-cancel'],
          }
        : undefined,
      gracePeriodMs: typeof gracePeriodMs === 'function' ? gracePeriodMs(flags) : gracePeriodMs,
      httpRetry: flags['http-retry'],
      artifactDirectory: processFolder(program.name),
    });
    await program.setup(manager, flags);
    setupLog.info({ version: program.version ?? 'dev', server: client.server }, `starting ${program.name}`);
    await manager.start(io.signal);
  } finally {
    await client.close();
  }
}

/** The gate turns config watchers off on the controllers that declare it (RTM-215, RTM-409). */
function watchesConfigs(program: { featureGates?: Record<string, boolean> }, gates: FeatureGates): boolean {
  const gate = 'DisableConfigWatchers';
  return !(gate in (program.featureGates ?? {}) && gates.enabled(gate));
}

/** `rest_client_requests_total` (RTM-474). */
function countRequests(registry: Registry): (observation: RequestObservation) => void {
  const requests = new Counter({
    name: 'rest_client_requests_total',
    help: 'Requests to the API server.',
    labelNames: ['code', 'method', 'host'],
    registers: [registry],
  });
  return ({ code, method, host }) => requests.inc({ code: code === 0 ? '<error>' : String(code), method, host });
}

function informerErrors(log: Logger): NonNullable<InformerHooks['onError']> {
  const runtimeLog = log.child({ logger: 'runtime' });
  return (type, error) => runtimeLog.error({ err: error, kind: type.kind }, `cannot list or watch ${type.kind}`);
}
