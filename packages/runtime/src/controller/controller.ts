import {
  keyText,
  type KubeObject,
  type ObjectKey,
  type ResourceType,
  type UnstructuredObject,
} from '@gitops-toolkit/api';
import type { Informer, InformerOptions } from '@gitops-toolkit/kube';
import type { ControllerHandle } from '../manager/types.ts';
import { exponentialBackoff } from '../queue/backoff.ts';
import { createWorkQueue, type Next } from '../queue/queue.ts';
import type { Slots } from '../queue/slots.ts';
import { deletionStarted, specOrRequestChanged } from '../requests/predicates.ts';
import type { RunResult } from '../metrics/controller.ts';
import type { ReconcileContext } from './context.ts';
import type { ControllerDefinition } from './definition.ts';
import type { Requeue } from './finish.ts';
import { createFreshReader } from './fresh.ts';
import type { ControllerHost } from './host.ts';
import type { ReconciledObject } from './object.ts';
import { createWaits, type Waits } from './release.ts';
import { intervalOf, runOnce } from './run.ts';
import { onChange, refText, wireWatch } from './watches.ts';

/** A definition at work: informers, queue and workers. */
export interface Controller extends ControllerHandle {
  readonly kind: ResourceType;
  /** Resolves when every informer of the controller has its first list. */
  synced(signal: AbortSignal): Promise<void>;
  /** Hands out work until the signal aborts. */
  start(signal: AbortSignal): void;
  /** Resolves when running work has ended. */
  stop(): Promise<void>;
}

/** Subscribes to everything the definition watches; keys collect until `start`. */
export function createController<T extends ReconciledObject>(
  definition: ControllerDefinition<T>,
  host: ControllerHost,
): Controller {
  const { kind } = definition;
  const { clock } = host;
  const metrics = host.metrics(kind.kind);
  const scope: InformerOptions = host.watchNamespace ? { namespace: host.watchNamespace } : {};
  const objects = host.cache.informer<T>(kind, {
    ...scope,
    ...(host.labelSelector ? { labelSelector: host.labelSelector } : {}),
  });
  const fresh = createFreshReader(objects);
  const informers: Informer[] = [objects as unknown as Informer];
  const readable = new Map<string, Informer>();
  const runs = new Map<string, Waits>();
  let shutdown: AbortSignal = AbortSignal.abort(new Error('the controller is not running'));

  const queue = createWorkQueue({
    concurrent: definition.concurrent ?? host.concurrent,
    backoff: exponentialBackoff(host.minRetryDelayMs, host.maxRetryDelayMs),
    work: workOn,
    clock,
    observer: metrics.queue,
  });
  metrics.observe(queue);

  function enqueue(key: ObjectKey, trigger?: string): void {
    const text = keyText(key);
    if (trigger) runs.get(text)?.trigger(trigger);
    queue.add(text);
  }

  async function workOn(key: string, slots: Slots): Promise<Next> {
    const startedAt = clock.now();
    const waits = createWaits(slots, shutdown, clock, metrics.timedOut);
    runs.set(key, waits);
    try {
      const found = fresh.get(parseKey(key));
      // Deleted in the meantime (RTM-172).
      if (!found) {
        const { name, namespace = '' } = parseKey(key);
        metrics.objectGone(name, namespace);
        metrics.runEnded('success', clock.now() - startedAt);
        return { kind: 'done' };
      }
      const report = await runOnce(found, {
        definition,
        host,
        objects,
        waits,
        signal: shutdown,
        find,
        cache: host.cache,
      });
      if (report.stored !== found) fresh.stored(report.stored);
      const next = nextOf(report.requeue, report.stored);
      const elapsed = clock.now() - startedAt;
      const terminal = report.requeue.kind === 'never' && report.requeue.terminal === true;
      metrics.runEnded(resultOf(next, report.requeue), elapsed, { terminal, panic: report.panic });
      const { name, namespace = '' } = found.metadata;
      if (report.gone) metrics.objectGone(name, namespace);
      else metrics.objectReconciled(name, namespace, elapsed);
      return next;
    } catch (error) {
      // Only a defect of the runtime itself, or of a hook of the definition, gets here.
      host.log.error({ err: error, controller: kind.kind.toLowerCase() }, `run of ${kind.kind}/${key} broke down`);
      metrics.runEnded('error', clock.now() - startedAt, { panic: true });
      return { kind: 'backoff' };
    } finally {
      runs.delete(key);
    }
  }

  function nextOf(requeue: Requeue, object: T): Next {
    switch (requeue.kind) {
      case 'interval': {
        const ms = intervalOf(definition, object, host);
        return ms === undefined ? { kind: 'done' } : { kind: 'after', ms };
      }
      case 'after':
        return { kind: 'after', ms: requeue.ms };
      case 'again':
        return { kind: 'again' };
      case 'limited':
      case 'backoff':
        return { kind: 'backoff' };
      case 'never':
        return { kind: 'done' };
    }
  }

  const find: ReconcileContext<T>['find'] = async <W extends KubeObject = UnstructuredObject>(
    type: ResourceType,
    key: ObjectKey,
    options: { live?: boolean } = {},
  ) => {
    const watched = options.live ? undefined : readable.get(`${type.plural}.${type.group}`);
    if (watched) return watched.get(key) as W | undefined;
    return host.client.find<W>(type, key, { signal: shutdown });
  };

  for (const [name, values] of Object.entries(definition.indexes ?? {})) objects.addIndex(name, values);
  const when = definition.when ?? (specOrRequestChanged as NonNullable<typeof definition.when>);
  onChange(objects, (change) => {
    const { namespace, name } = (change.after ?? change.before!).metadata;
    const trigger = refText(kind.kind, namespace, name);
    if (deletionStarted(change)) runs.get(keyText({ namespace, name }))?.end(trigger);
    if (when(change)) enqueue({ namespace, name }, trigger);
  });
  for (const watch of definition.watches ?? []) {
    const options = watch.kind.namespaced ? scope : {};
    const informer = wireWatch(watch, { definition, objects, cache: host.cache, options, log: host.log, enqueue });
    informers.push(informer);
    // A partial view must not pass for the whole.
    if (!watch.metadataOnly && !watch.labelSelector && !host.watchNamespace)
      readable.set(`${watch.kind.plural}.${watch.kind.group}`, informer);
  }

  return {
    kind,
    enqueue,
    async synced(signal) {
      await Promise.all(informers.map((informer) => informer.waitForSync(signal)));
    },
    start(signal) {
      shutdown = signal;
      queue.start();
    },
    stop: () => queue.stop(),
  };
}

function resultOf(next: Next, requeue: Requeue): RunResult {
  if (requeue.kind === 'backoff' || (requeue.kind === 'never' && requeue.terminal)) return 'error';
  if (next.kind === 'after') return 'requeue_after';
  return next.kind === 'done' ? 'success' : 'requeue';
}

function parseKey(key: string): ObjectKey {
  const slash = key.indexOf('/');
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
