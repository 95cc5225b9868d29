import { hostname } from 'node:os';
import { gvkOf, objectText, type KubeObject } from '@gitops-toolkit/api';
import { isNotFound, type KubeClient } from '@gitops-toolkit/kube';
import { wholeSeconds } from '../conditions/set.ts';
import type { Logger } from '../log/logger.ts';
import { systemClock, type Clock } from '../time/clock.ts';
import { createCorrelator, type Correlation } from './correlator.ts';
import { createOrderedDelivery } from './ordered.ts';
import { postedEvent, postEvent } from './post.ts';
import type { EventInput, EventRecorder } from './types.ts';

/** Annotations of an object that go into the metadata of its events (RTM-45, RTM-131). */
const annotationPrefix = 'event.toolkit.fluxcd.io/';

const eventType = { group: '', version: 'v1', kind: 'Event', plural: 'events', namespaced: true };

export interface EventRecorderOptions {
  client: KubeClient;
  /** Source component of Kubernetes events, reporting controller of posted ones. */
  controller: string;
  /** Where to post; undefined: nowhere. See `eventsUrl`. */
  url?: string;
  log: Logger;
  clock?: Clock;
}

/**
 * Tells events to Kubernetes and to the notification endpoint. Delivery runs beside the reconciles, in order per
 * object, so that a slow endpoint holds no worker; failures are logged and nothing else (RTM-136).
 */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { client, controller, url, log, clock = systemClock } = options;
  const correlate = createCorrelator();
  const toKubernetes = createOrderedDelivery();
  const toEndpoint = createOrderedDelivery();

  function fail(object: KubeObject, event: EventInput, error: unknown): void {
    const { name, namespace } = object.metadata;
    log.error(
      { err: error, name, namespace, 'reconciler kind': object.kind, reason: event.reason },
      'unable to record event',
    );
  }

  async function store(object: KubeObject, event: EventInput, metadata: Record<string, string>, now: number) {
    const type = event.type === 'Warning' ? 'Warning' : 'Normal';
    const input = {
      object: object.metadata.uid ?? objectText(object),
      type,
      reason: event.reason,
      message: event.message,
    };
    const correlation = correlate(input, now);
    if (correlation.kind === 'drop') return;
    if (correlation.kind === 'count' && (await raiseCount(object, correlation, now))) return;
    const created = await client.create(kubernetesEvent(object, event, type, metadata, correlation, controller, now));
    correlation.series.name = created.metadata.name;
  }

  /** False when the event is gone, or was never stored. */
  async function raiseCount(object: KubeObject, { series, message }: StoredCorrelation, now: number): Promise<boolean> {
    if (series.name === undefined) return false;
    const key = { namespace: object.metadata.namespace ?? 'default', name: series.name };
    const body = { count: series.count, lastTimestamp: wholeSeconds(now), message };
    try {
      await client.patch(eventType, key, { type: 'merge', body });
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  return {
    emit(object, event) {
      const { name, namespace } = object.metadata;
      if (!object.kind || !name || !namespace) {
        fail(object, event, new Error('the object has no kind, name or namespace'));
        return;
      }
      const now = clock.now();
      const metadata = eventMetadata(object, event);
      if (log.isLevelEnabled('trace')) trace(log, object, event, metadata);
      const key = `${object.kind}/${namespace}/${name}`;
      const deliver = (work: () => Promise<void>) => () => work().catch((error: unknown) => fail(object, event, error));
      const dropped = new Error('too many events are waiting to be delivered');
      if (
        !toKubernetes.push(
          key,
          deliver(() => store(object, event, metadata, now)),
        )
      )
        fail(object, event, dropped);
      if (!url || event.type === 'Trace') return;
      const posted = postedEvent(object, event, metadata, controller, now);
      if (
        !toEndpoint.push(
          key,
          deliver(() => postEvent(url, posted, { clock })),
        )
      )
        fail(object, event, dropped);
    },
    async drain(signal) {
      await Promise.all([toKubernetes.drain(signal), toEndpoint.drain(signal)]);
    },
  };
}

type StoredCorrelation = Exclude<Correlation, { kind: 'drop' }>;

/** The caller's metadata under the group's prefix, overlaid with the object's annotations (RTM-131, RTM-148). */
export function eventMetadata(object: KubeObject, event: EventInput): Record<string, string> {
  const { group } = gvkOf(object);
  const metadata: Record<string, string> = {};
  for (const [key, value] of Object.entries(event.metadata ?? {}))
    metadata[key.includes('/') || group === '' ? key : `${group}/${key}`] = value;
  for (const [key, value] of Object.entries(object.metadata.annotations ?? {}))
    if (key.startsWith(annotationPrefix)) metadata[key] = value;
  return metadata;
}

function kubernetesEvent(
  object: KubeObject,
  event: EventInput,
  type: string,
  annotations: Record<string, string>,
  { series, message }: StoredCorrelation,
  controller: string,
  now: number,
): KubeObject {
  const { name, namespace = 'default', uid, resourceVersion } = object.metadata;
  const host = process.env.HOSTNAME || hostname();
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: {
      name: `${name}.${eventSuffix(now)}`,
      namespace,
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    },
    involvedObject: { apiVersion: object.apiVersion, kind: object.kind, name, namespace, uid, resourceVersion },
    reason: event.reason,
    message,
    type,
    source: { component: controller, host },
    reportingComponent: controller,
    reportingInstance: host,
    firstTimestamp: wholeSeconds(series.firstAt),
    lastTimestamp: wholeSeconds(now),
    count: series.count,
  } as KubeObject;
}

let eventCount = 0;

/** Unique within a process, and across restarts by the time. */
function eventSuffix(now: number): string {
  eventCount = (eventCount + 1) % 0x10000;
  return `${now.toString(16)}${eventCount.toString(16).padStart(4, '0')}`;
}

function trace(log: Logger, object: KubeObject, event: EventInput, annotations: Record<string, string>): void {
  const { name, namespace } = object.metadata;
  const facts = { name, namespace, 'reconciler kind': object.kind, annotations, reason: event.reason };
  if (event.type === 'Warning') log.error({ ...facts, err: new Error(event.reason) }, event.message);
  else log.info(facts, event.message);
}
