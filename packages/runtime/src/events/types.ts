import type { KubeObject } from '@gitops-toolkit/api';

/** `Trace` becomes a Kubernetes event of type Normal and is never posted (RTM-129, RTM-130). */
export type EventType = 'Normal' | 'Warning' | 'Trace';

/** One thing to tell. */
export interface EventInput {
  /** Default `Normal`. */
  type?: EventType;
  reason: string;
  message: string;
  /** Keys without a slash get the object's API group as prefix: `revision` → `<group>/revision` (RTM-148). */
  metadata?: Record<string, string>;
}

/** Events of one run about its object. */
export interface RunEvents {
  /** Merged into the metadata of every event of this run, for instance `{ revision }`. */
  readonly facts: Record<string, string>;
  /** Records an event; returns at once and never fails. */
  emit(event: EventInput): void;
}

/** Records events about any object in Kubernetes and at the notification endpoint (RTM-128). */
export interface EventRecorder {
  /** Queues the event; never blocks and never throws. Events about one object are delivered in order. */
  emit(object: KubeObject, event: EventInput): void;
  /** Waits until everything queued is delivered or given up, or until the signal aborts. */
  drain(signal?: AbortSignal): Promise<void>;
}
