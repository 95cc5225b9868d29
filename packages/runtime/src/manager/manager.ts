import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InformerCache, KubeClient } from '@gitops-toolkit/kube';
import { Gauge, Registry } from 'prom-client';
import { createArtifactFetcher } from '../artifacts/create.ts';
import { createController, type Controller } from '../controller/controller.ts';
import { createEventRecorder } from '../events/recorder.ts';
import { eventsUrl } from '../events/post.ts';
import { featureGates, type FeatureGates } from '../gates/gates.ts';
import { createLeaderElection, type LeaderElection } from '../leader/election.ts';
import { leaseName } from '../leader/lease-name.ts';
import type { Logger } from '../log/logger.ts';
import { createLogger } from '../log/pino.ts';
import { controllerMetricsIn } from '../metrics/controller.ts';
import { registerProcessMetrics } from '../metrics/process.ts';
import { metricsServer } from '../metrics/server.ts';
import { probeServer, type Probes } from '../probes/server.ts';
import { serve } from '../server/listen.ts';
import { systemClock, type Clock } from '../time/clock.ts';
import type { Manager, Service } from './types.ts';

/** What a manager is made of. Only name, client and cache are required; times are milliseconds. */
export interface ManagerOptions {
  name: string;
  client: KubeClient;
  cache: InformerCache;
  /** Default: `name`. */
  fieldManager?: string;
  log?: Logger;
  gates?: FeatureGates;
  registry?: Registry;
  /** Where events are posted; empty: nowhere. */
  eventsAddr?: string;
  /** Listen addresses; undefined: no server. */
  metricsAddr?: string;
  healthAddr?: string;
  /** Defaults as the flags of RTM-349, RTM-357, RTM-362. */
  concurrent?: number;
  minRetryDelayMs?: number;
  maxRetryDelayMs?: number;
  jitterPercent?: number;
  /** Namespace of the controller itself; default `flux-system`. */
  runtimeNamespace?: string;
  watchNamespace?: string;
  watchLabelSelector?: string;
  configSelector?: string;
  /** Absent: this process always leads. */
  leaderElection?: { leaseDurationMs?: number; renewDeadlineMs?: number; retryPeriodMs?: number; release?: boolean };
  gracePeriodMs?: number;
  httpRetry?: number;
  /** Where artifacts are unpacked; default: a fresh directory under the system's temporary directory. */
  artifactDirectory?: string;
  clock?: Clock;
  random?: () => number;
}

/** How long events may still be delivered during a shutdown. */
const drainMs = 5000;

/** A manager without flags and signals: for tests, for embedding, and for `runController`. */
export function createManager(options: ManagerOptions): Manager {
  const { name, client, cache, runtimeNamespace = 'flux-system', clock = systemClock } = options;
  const fieldManager = options.fieldManager ?? name;
  const log = options.log ?? createLogger();
  const gates = options.gates ?? featureGates({});
  const registry = options.registry ?? processRegistry();
  const events = createEventRecorder({
    client,
    controller: name,
    url: eventsUrl(options.eventsAddr ?? ''),
    log,
    clock,
  });
  const artifacts = createArtifactFetcher({
    directory: options.artifactDirectory ?? join(tmpdir(), `${name}-${randomUUID()}`),
    retries: options.httpRetry ?? 9,
    clock,
  });
  const controllers: Controller[] = [];
  const services: Service[] = [];
  const probes: Probes = { healthz: new Map([['ping', () => true]]), readyz: new Map([['ping', () => true]]) };
  const host = {
    client,
    cache,
    log,
    events,
    gates,
    metrics: controllerMetricsIn(registry),
    fieldManager,
    concurrent: options.concurrent ?? 4,
    minRetryDelayMs: options.minRetryDelayMs ?? 750,
    maxRetryDelayMs: options.maxRetryDelayMs ?? 900_000,
    jitterPercent: options.jitterPercent ?? 5,
    watchNamespace: options.watchNamespace,
    labelSelector: options.watchLabelSelector || undefined,
    clock,
    random: options.random ?? Math.random,
  };

  const { healthAddr, metricsAddr } = options;
  const onListening = (what: string) => (url: string) => log.info({ url }, `${what} server is listening`);
  if (healthAddr !== undefined)
    services.push({
      name: 'health server',
      run: (signal) => serve(probeServer(probes), healthAddr, signal, onListening('health')),
    });
  if (metricsAddr !== undefined)
    services.push({
      name: 'metrics server',
      run: (signal) => serve(metricsServer(registry), metricsAddr, signal, onListening('metrics')),
    });

  const isLeader = new Gauge({
    name: 'leader_election_master_status',
    help: '1 while this process holds the lease.',
    labelNames: ['name'],
    registers: [registry],
  });

  return {
    name,
    fieldManager,
    client,
    cache,
    log,
    events,
    gates,
    metrics: registry,
    artifacts,
    runtimeNamespace,
    watchNamespace: options.watchNamespace,
    configSelector: options.configSelector,
    add(definition) {
      const controller = createController(definition, host);
      controllers.push(controller);
      return controller;
    },
    addService: (service) => void services.push(service),
    addCheck(checkName, check, { live = false } = {}) {
      probes.readyz.set(checkName, check);
      if (live) probes.healthz.set(checkName, check);
    },
    async start(signal) {
      const election = options.leaderElection && newElection(options.leaderElection);
      await runAll(signal, election);
    },
  };

  function newElection(settings: NonNullable<ManagerOptions['leaderElection']>): LeaderElection {
    const lease = leaseName(name, options.watchLabelSelector ?? '');
    isLeader.set({ name: lease }, 0);
    return createLeaderElection({ client, namespace: runtimeNamespace, name: lease, log, clock, ...settings });
  }

  /** Start in order, wait for the end, stop in reverse order (RTM-259…261, RTM-268). */
  async function runAll(signal: AbortSignal, election: LeaderElection | undefined): Promise<void> {
    /** Work ends first; servers, watches and the lease outlive it. */
    const work = new AbortController();
    const renewals = new AbortController();
    const rest = new AbortController();
    let fail: (error: unknown) => void;
    const failed = new Promise<never>((_resolve, reject) => (fail = reject));
    failed.catch(() => {});
    const running: Promise<void>[] = [];
    const runService = (service: Service) => running.push(service.run(rest.signal).catch((error) => fail(error)));
    const stopWork = () => work.abort(signal.reason);
    signal.addEventListener('abort', stopWork, { once: true });
    if (signal.aborted) stopWork();

    try {
      services.filter((service) => !service.leaderOnly).forEach(runService);
      cache.start(rest.signal);
      await Promise.race([failed, lead(election, work.signal, renewals.signal, (error) => fail(error))]);
      services.filter((service) => service.leaderOnly).forEach(runService);
      for (const controller of controllers) void startWhenSynced(controller, work.signal).catch((error) => fail(error));
      await Promise.race([failed, aborted(work.signal)]);
    } catch (error) {
      // The signal may come at any step of the start.
      if (!signal.aborted) {
        for (const part of [work, renewals, rest]) part.abort(error);
        throw error;
      }
    } finally {
      signal.removeEventListener('abort', stopWork);
    }

    log.info('shutting down: waiting for running work');
    await within(options.gracePeriodMs ?? 30_000, Promise.all(controllers.map((controller) => controller.stop())));
    await within(drainMs, events.drain());
    renewals.abort(signal.reason);
    if (election && options.leaderElection?.release !== false) await election.release();
    rest.abort(signal.reason);
    await within(drainMs, Promise.all(running));
    await artifacts.close();
  }

  /** Each on its own: a kind that is not installed does not hold up the others. */
  async function startWhenSynced(controller: Controller, signal: AbortSignal): Promise<void> {
    try {
      await controller.synced(signal);
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    controller.start(signal);
    log.info({ controller: controller.kind.kind.toLowerCase() }, `controller of ${controller.kind.kind} is running`);
  }

  async function lead(
    election: LeaderElection | undefined,
    work: AbortSignal,
    renewals: AbortSignal,
    onLost: (error: unknown) => void,
  ): Promise<void> {
    if (!election) return;
    await election.acquire(work);
    isLeader.set({ name: leaseName(name, options.watchLabelSelector ?? '') }, 1);
    void election.keep(renewals).catch(onLost);
  }

  /** Waits for `ended`, but no longer than `ms`. */
  async function within(ms: number, ended: Promise<unknown>): Promise<void> {
    let cancel: () => void;
    const late = new Promise<void>((resolve) => (cancel = clock.after(ms, resolve)));
    await Promise.race([ended, late]);
    cancel!();
  }
}

function processRegistry(): Registry {
  const registry = new Registry();
  registerProcessMetrics(registry);
  return registry;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
