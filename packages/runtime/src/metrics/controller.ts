import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { QueueObserver, WorkQueue } from '../queue/queue.ts';
import { queueBuckets, reconcileDurationBuckets, reconcileTimeBuckets } from './buckets.ts';

/** How a run is counted (RTM-463). */
export type RunResult = 'success' | 'error' | 'requeue' | 'requeue_after';

/** The metrics of one controller. Durations are milliseconds. */
export interface ControllerMetrics {
  readonly queue: QueueObserver;
  runEnded(result: RunResult, ms: number, flags?: { terminal?: boolean; panic?: boolean }): void;
  timedOut(): void;
  objectReconciled(name: string, namespace: string, ms: number): void;
  /** Drops the object's series (RTM-452, RTM-564). */
  objectGone(name: string, namespace: string): void;
  /** Reads depth and running work of this queue whenever metrics are collected. */
  observe(queue: WorkQueue): void;
}

/** Gives each controller of a process its metrics under upstream's names (RTM-452, RTM-463…473). */
export function controllerMetricsIn(registry: Registry): (kind: string) => ControllerMetrics {
  const registers = [registry];
  const perController = { labelNames: ['controller'] as const, registers };
  const perQueue = { labelNames: ['name', 'controller'] as const, registers };

  const queues = new Map<string, WorkQueue>();
  const collectQueues = (set: (controller: string, queue: WorkQueue, running: number[]) => void) => () => {
    for (const [controller, queue] of queues) set(controller, queue, queue.running());
  };
  const duration = new Histogram({
    name: 'gotk_reconcile_duration_seconds',
    help: 'Duration of the runs of an object in seconds.',
    labelNames: ['kind', 'name', 'namespace'] as const,
    buckets: reconcileDurationBuckets,
    registers,
  });
  const total = new Counter({
    name: 'controller_runtime_reconcile_total',
    help: 'Runs by result.',
    labelNames: ['controller', 'result'] as const,
    registers,
  });
  const errors = new Counter({
    name: 'controller_runtime_reconcile_errors_total',
    help: 'Runs that failed.',
    ...perController,
  });
  const terminal = new Counter({
    name: 'controller_runtime_terminal_reconcile_errors_total',
    help: 'Runs that failed and are not tried again.',
    ...perController,
  });
  const panics = new Counter({
    name: 'controller_runtime_reconcile_panics_total',
    help: 'Runs that ended with a programming error.',
    ...perController,
  });
  const timeouts = new Counter({
    name: 'controller_runtime_reconcile_timeouts_total',
    help: 'Waits of runs that reached their deadline.',
    ...perController,
  });
  const time = new Histogram({
    name: 'controller_runtime_reconcile_time_seconds',
    help: 'Duration of runs in seconds.',
    buckets: reconcileTimeBuckets,
    ...perController,
  });
  const maxConcurrent = new Gauge({
    name: 'controller_runtime_max_concurrent_reconciles',
    help: 'Worker slots.',
    ...perController,
  });
  const active: Gauge<'controller'> = new Gauge({
    name: 'controller_runtime_active_workers',
    help: 'Worker slots in use.',
    ...perController,
    collect: collectQueues((controller, queue) => active.set({ controller }, queue.slots.inUse)),
  });
  const adds = new Counter({ name: 'workqueue_adds_total', help: 'Keys added.', ...perQueue });
  const retries = new Counter({ name: 'workqueue_retries_total', help: 'Keys added after a failure.', ...perQueue });
  const queued = new Histogram({
    name: 'workqueue_queue_duration_seconds',
    help: 'How long keys waited for a worker, in seconds.',
    buckets: queueBuckets,
    ...perQueue,
  });
  const worked = new Histogram({
    name: 'workqueue_work_duration_seconds',
    help: 'How long keys were worked on, in seconds.',
    buckets: queueBuckets,
    ...perQueue,
  });

  const depth = new Gauge({
    name: 'workqueue_depth',
    help: 'Keys waiting for a worker.',
    labelNames: ['name', 'controller', 'priority'] as const,
    registers,
    collect: collectQueues((controller, queue) =>
      depth.set({ name: controller, controller, priority: '0' }, queue.depth),
    ),
  });
  const unfinished = new Gauge({
    name: 'workqueue_unfinished_work_seconds',
    help: 'Seconds spent on work that is not finished yet.',
    ...perQueue,
    collect: collectQueues((controller, _, running) =>
      unfinished.set(
        { name: controller, controller },
        secondsSince(running).reduce((a, b) => a + b, 0),
      ),
    ),
  });
  const longest = new Gauge({
    name: 'workqueue_longest_running_processor_seconds',
    help: 'Seconds spent on the oldest work that is not finished yet.',
    ...perQueue,
    collect: collectQueues((controller, _, running) =>
      longest.set({ name: controller, controller }, Math.max(0, ...secondsSince(running))),
    ),
  });

  return (kind) => {
    const controller = kind.toLowerCase();
    const queueLabels = { name: controller, controller };
    for (const result of ['success', 'error', 'requeue', 'requeue_after']) total.inc({ controller, result }, 0);
    for (const counter of [errors, terminal, panics, timeouts]) counter.inc({ controller }, 0);
    for (const counter of [adds, retries]) counter.inc(queueLabels, 0);
    return {
      queue: {
        added: () => adds.inc(queueLabels),
        retried: () => retries.inc(queueLabels),
        started: (ms) => queued.observe(queueLabels, ms / 1000),
        finished: (ms) => worked.observe(queueLabels, ms / 1000),
      },
      runEnded(result, ms, flags = {}) {
        total.inc({ controller, result });
        if (result === 'error') errors.inc({ controller });
        if (flags.terminal) terminal.inc({ controller });
        if (flags.panic) panics.inc({ controller });
        time.observe({ controller }, ms / 1000);
      },
      timedOut: () => timeouts.inc({ controller }),
      objectReconciled: (name, namespace, ms) => duration.observe({ kind, name, namespace }, ms / 1000),
      objectGone: (name, namespace) => duration.remove({ kind, name, namespace }),
      observe(queue) {
        queues.set(controller, queue);
        maxConcurrent.set({ controller }, queue.slots.total);
      },
    };
  };
}

function secondsSince(starts: number[]): number[] {
  return starts.map((start) => (Date.now() - start) / 1000);
}
