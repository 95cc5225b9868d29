import { randomUUID } from 'node:crypto';
import { finalizer as standardFinalizer, formatDuration, objectText, Reason } from '@gitops-toolkit/api';
import type { Informer, InformerCache } from '@gitops-toolkit/kube';
import { markProgress } from '../conditions/progress.ts';
import { conditionSetters } from '../conditions/setters.ts';
import { findCondition, markUnknown, READY } from '../conditions/set.ts';
import type { EventInput, EventType } from '../events/types.ts';
import type { Logger } from '../log/logger.ts';
import { createPatcher, type Patcher } from '../patch/patcher.ts';
import { recordRequest, requestedAt } from '../requests/annotations.ts';
import { jittered } from '../time/jitter.ts';
import type { ReconcileContext } from './context.ts';
import type { ControllerDefinition } from './definition.ts';
import { finishRun, messageOf, type Requeue, type RunEnd } from './finish.ts';
import type { ControllerHost } from './host.ts';
import { isSuspended, type ReconciledObject } from './object.ts';
import { ReconcileError, type FailureClass, type Outcome } from './outcome.ts';
import type { Waits } from './release.ts';

/** What one run needs beside the object. */
export interface RunEnvironment<T extends ReconciledObject> {
  definition: ControllerDefinition<T>;
  host: ControllerHost;
  objects: Informer<T>;
  waits: Waits;
  signal: AbortSignal;
  find: ReconcileContext<T>['find'];
  cache: InformerCache;
}

/** How a run ended, as far as the work loop is concerned. */
export interface RunReport<T> {
  requeue: Requeue;
  /** The object as the server last answered it. */
  stored: T;
  /** The finalizer is gone: nothing of the object is left with us. */
  gone: boolean;
  panic: boolean;
}

/** One run on one object: the steps of RTM-173…179, with everything that must happen on every exit. */
export async function runOnce<T extends ReconciledObject>(found: T, env: RunEnvironment<T>): Promise<RunReport<T>> {
  const { definition } = env;
  const run = beginRun(found, env);
  const { ctx, patcher } = run;
  const finalizer = definition.finalizer === undefined ? standardFinalizer : definition.finalizer;
  const deleting = found.metadata.deletionTimestamp !== undefined;

  if (deleting && !(finalizer && found.metadata.finalizers?.includes(finalizer)))
    return { requeue: { kind: 'never' }, stored: found, gone: true, panic: false };

  const end = deleting ? await finalizeRun(run, finalizer!) : await attempt(run, finalizer);
  if (end.kind === 'failed' && env.signal.aborted) {
    ctx.log.info({ err: end.error }, 'run interrupted by shutdown');
    return { requeue: { kind: 'never' }, stored: patcher.latest, gone: false, panic: false };
  }

  if (end.kind === 'failed' && env.waits.ended) {
    ctx.log.info('run given up: the object is being deleted');
    return { requeue: { kind: 'again' }, stored: patcher.latest, gone: false, panic: false };
  }

  const finalized = deleting && end.kind === 'succeeded';
  let requeue: Requeue;
  if (finalized) {
    recordRequest(ctx.object);
    requeue = { kind: 'never' };
  } else {
    requeue = finishRun(ctx.object, end, definition.conditions, env.host.clock.now());
  }
  try {
    // A shutdown does not cut this off: conditions of this run beside an inventory of the last one would mislead.
    await patcher.patch(ctx.object);
  } catch (error) {
    requeue = { kind: 'backoff', error: joinErrors(end, error) };
    ctx.log.error({ err: error }, `cannot store the status of ${objectText(ctx.object)}`);
  }
  tell(run, end, requeue);
  await definition.afterRun?.(ctx);
  const gone = finalized && requeue.kind === 'never';
  return { requeue, stored: patcher.latest, gone, panic: end.kind === 'failed' && end.error instanceof RecoveredPanic };
}

interface Run<T extends ReconciledObject> {
  env: RunEnvironment<T>;
  ctx: ReconcileContext<T>;
  patcher: Patcher<T>;
}

function beginRun<T extends ReconciledObject>(found: T, env: RunEnvironment<T>): Run<T> {
  const { definition, host, signal } = env;
  const object = structuredClone(found);
  const patcher = createPatcher(found, {
    client: host.client,
    kind: definition.kind,
    fieldManager: host.fieldManager,
    owned: definition.conditions?.owned,
    clock: host.clock,
    random: host.random,
  });
  const reconcileID = randomUUID();
  const { name, namespace = '' } = found.metadata;
  const log = host.log.child({
    controller: definition.kind.kind.toLowerCase(),
    controllerGroup: definition.kind.group,
    controllerKind: definition.kind.kind,
    [definition.kind.kind]: { name, namespace },
    namespace,
    name,
    reconcileID,
  });
  const facts: Record<string, string> = {};
  const ctx: ReconcileContext<T> = {
    object,
    original: found,
    kind: definition.kind,
    client: host.client,
    cache: env.cache,
    objects: env.objects,
    log,
    signal,
    startedAt: host.clock.now(),
    reconcileID,
    gates: host.gates,
    events: {
      facts,
      emit(event) {
        logEvent(log, event);
        host.events.emit(object, { ...event, metadata: { ...facts, ...event.metadata } });
      },
    },
    conditions: conditionSetters(object, host.clock.now),
    find: env.find,
    async progress(message, { reason = Reason.Progressing, drift = false, readyMessage, patch = true } = {}) {
      markProgress(object, reason, message, drift, host.clock.now());
      if (readyMessage !== undefined) markUnknown(object, READY, reason, readyMessage, host.clock.now());
      if (patch) await patcher.patch(object, signal);
    },
    patchStatus: () => patcher.patch(object, signal),
    release: env.waits.release,
  };
  return { env, ctx, patcher };
}

/** Finalizer, suspension, then the kind's own work (RTM-176…179). */
async function attempt<T extends ReconciledObject>(run: Run<T>, finalizer: string | null): Promise<RunEnd> {
  const { ctx, env } = run;
  const { object } = ctx;
  if (finalizer && !object.metadata.finalizers?.includes(finalizer)) {
    object.metadata.finalizers = [...(object.metadata.finalizers ?? []), finalizer];
    return { kind: 'prepared' };
  }
  if (isSuspended(object)) {
    ctx.log.info('reconciliation is suspended');
    return { kind: 'suspended' };
  }
  try {
    await announce(run);
    return { kind: 'succeeded', outcome: ((await env.definition.reconcile(ctx)) ?? {}) as Outcome };
  } catch (error) {
    return { kind: 'failed', error: recovered(error) };
  }
}

/** Says that work begins, and stores it when somebody is likely to be watching (SRC-96, SRC-97, SRC-190). */
async function announce<T extends ReconciledObject>({ ctx, env }: Run<T>): Promise<void> {
  const { startMessage = 'reconciliation in progress', announceStart = true } = env.definition;
  if (startMessage === null) return;
  const { generation } = ctx.object.metadata;
  const observed = ctx.object.status?.observedGeneration ?? -1;
  const isNew = generation !== undefined && generation !== observed;
  const token = requestedAt(ctx.object);
  const isRequested = token !== undefined && token !== ctx.object.status?.lastHandledReconcileAt;
  await ctx.progress(isNew ? `processing object: new generation ${observed} -> ${generation}` : startMessage, {
    patch: announceStart && (isNew || isRequested),
  });
}

/** Clean-up, then the finalizer goes (RTM-209). */
async function finalizeRun<T extends ReconciledObject>({ ctx, env }: Run<T>, finalizer: string): Promise<RunEnd> {
  try {
    await env.definition.finalize?.(ctx);
  } catch (error) {
    return { kind: 'failed', error: recovered(error) };
  }
  ctx.object.metadata.finalizers = ctx.object.metadata.finalizers?.filter((name) => name !== finalizer);
  return { kind: 'succeeded', outcome: { requeue: 'never' } };
}

const defaultEvents: Record<FailureClass | 'plain', EventType | 'none'> = {
  stalling: 'Warning',
  waiting: 'Normal',
  retry: 'Warning',
  backoff: 'Warning',
  ignored: 'Trace',
  plain: 'Warning',
};

/** Events and log lines of the end of a run (RTM-160…164). */
function tell<T extends ReconciledObject>(run: Run<T>, end: RunEnd, requeue: Requeue): void {
  const { ctx, env } = run;
  if (end.kind === 'succeeded' && requeue.kind !== 'backoff') {
    if (end.outcome.event) ctx.events.emit(end.outcome.event);
    return;
  }
  if (end.kind === 'failed') {
    const event = eventOfFailure(end.error, ctx.object, { ...defaultEvents, ...env.definition.failureEvents });
    if (event) env.host.events.emit(ctx.object, { ...event, metadata: { ...ctx.events.facts, ...event.metadata } });
    logFailure(run, end.error, requeue);
  } else if (requeue.kind === 'backoff') {
    ctx.log.error({ err: requeue.error }, 'reconciliation failed');
  }
}

function eventOfFailure(
  error: unknown,
  object: ReconciledObject,
  defaults: typeof defaultEvents,
): EventInput | undefined {
  if (error instanceof ReconcileError) {
    const { event } = error.options;
    if (event === 'none') return undefined;
    const type = event?.type ?? defaults[error.class];
    return type === 'none' ? undefined : { reason: error.reason, message: error.message, ...event, type };
  }
  if (defaults.plain === 'none') return undefined;
  const reason = findCondition(object, READY)?.reason ?? Reason.Failed;
  return { type: defaults.plain, reason, message: messageOf(error) };
}

function logFailure<T extends ReconciledObject>({ ctx, env }: Run<T>, error: unknown, requeue: Requeue): void {
  const kind = error instanceof ReconcileError ? error.class : 'plain';
  const took = formatDuration(env.host.clock.now() - ctx.startedAt);
  if (kind === 'ignored') ctx.log.info({ reason: (error as ReconcileError).reason }, messageOf(error));
  else if (kind === 'stalling') ctx.log.error({ err: error }, 'reconciliation stalled');
  else if (kind === 'waiting')
    ctx.log.info(
      { reason: (error as ReconcileError).reason, duration: delayText(requeue) },
      `reconciliation waiting: ${messageOf(error)}`,
    );
  else ctx.log.error({ err: error }, `reconciliation failed after ${took}, next try ${delayText(requeue)}`);
}

function delayText(requeue: Requeue): string {
  if (requeue.kind === 'after') return `in ${formatDuration(requeue.ms)}`;
  return requeue.kind === 'again' ? 'at once' : requeue.kind === 'interval' ? 'at the interval' : 'after back-off';
}

/** Uneventful successes are not worth a line (RTM-160, RTM-161). */
function logEvent(log: Logger, event: EventInput): void {
  const { type = 'Normal', reason, message } = event;
  if (type === 'Warning') log.error({ reason }, message);
  else if (type === 'Normal') log.info({ reason }, message);
  else log.debug({ reason }, message);
}

/** Milliseconds of the definition's interval with jitter; undefined: no timed run. */
export function intervalOf<T extends ReconciledObject>(
  definition: ControllerDefinition<T>,
  object: T,
  host: ControllerHost,
): number | undefined {
  const ms = definition.interval(object);
  if (ms === undefined || ms <= 0) return undefined;
  return definition.jitter === false ? ms : jittered(ms, host.jitterPercent, host.random);
}

/** A run ended with a bug rather than with a failure of the outside world (RTM-170). */
class RecoveredPanic extends Error {
  constructor(cause: unknown) {
    super(`panic: ${messageOf(cause)} [recovered]`, { cause });
    this.name = 'RecoveredPanic';
  }
}

function recovered(error: unknown): unknown {
  const isBug =
    error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError
      ? error.cause === undefined
      : !(error instanceof Error);
  return isBug ? new RecoveredPanic(error) : error;
}

function joinErrors(end: RunEnd, patchError: unknown): Error {
  const storing = patchError instanceof Error ? patchError : new Error(String(patchError));
  if (end.kind !== 'failed') return storing;
  return new AggregateError(
    [end.error, storing],
    `${messageOf(end.error)}; and the status could not be stored: ${storing.message}`,
  );
}
