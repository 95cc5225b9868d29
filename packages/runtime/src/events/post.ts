import { hostname } from 'node:os';
import type { KubeObject } from '@gitops-toolkit/api';
import { wholeSeconds } from '../conditions/set.ts';
import { sleep, systemClock, type Clock } from '../time/clock.ts';
import type { EventInput, EventType } from './types.ts';

/** Body of a POST to the notification endpoint (RTM-137…144). */
export interface PostedEvent {
  involvedObject: {
    apiVersion: string;
    kind: string;
    name: string;
    namespace: string;
    uid?: string;
    resourceVersion?: string;
  };
  severity: 'info' | 'error' | 'trace';
  timestamp: string;
  message: string;
  reason: string;
  metadata?: Record<string, string>;
  reportingController: string;
  reportingInstance: string;
}

/** RTM-129. */
export function severityOf(type: EventType): PostedEvent['severity'] {
  return type === 'Warning' ? 'error' : type === 'Trace' ? 'trace' : 'info';
}

/** The event as it is posted. */
export function postedEvent(
  object: KubeObject,
  event: EventInput,
  metadata: Record<string, string>,
  controller: string,
  now: number,
): PostedEvent {
  const { name, namespace = '', uid, resourceVersion } = object.metadata;
  return {
    involvedObject: { apiVersion: object.apiVersion, kind: object.kind, name, namespace, uid, resourceVersion },
    severity: severityOf(event.type ?? 'Normal'),
    timestamp: wholeSeconds(now),
    message: event.message,
    reason: event.reason,
    ...(Object.keys(metadata).length > 0 ? { metadata } : {}),
    reportingController: controller,
    reportingInstance: process.env.HOSTNAME || hostname(),
  };
}

/** The endpoint did not take an event. */
export class EventPostError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EventPostError';
  }
}

const attempts = 5;
const firstWaitMs = 1000;
const longestWaitMs = 30_000;
const attemptTimeoutMs = 5000;

export interface PostOptions {
  signal?: AbortSignal;
  clock?: Clock;
}

/**
 * Posts JSON, with the retries of RTM-145 and RTM-146: connection errors and 5xx other than 501 are tried again up to
 * four times; 429 means "already known" and counts as delivered.
 *
 * @throws EventPostError
 */
export async function postEvent(url: string, event: PostedEvent, options: PostOptions = {}): Promise<void> {
  const { signal, clock = systemClock } = options;
  const body = JSON.stringify(event);
  for (let attempt = 1; ; attempt++) {
    let failure: EventPostError;
    let again: boolean;
    try {
      const timeout = AbortSignal.timeout(attemptTimeoutMs);
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body,
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      await response.body?.cancel();
      if (response.ok || response.status === 429) return;
      failure = new EventPostError(`the events endpoint answered ${response.status} ${response.statusText}`.trim());
      again = response.status >= 500 && response.status !== 501;
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      const cause = (error as Error).cause ?? error;
      failure = new EventPostError(`the events endpoint cannot be reached: ${(cause as Error).message}`, {
        cause: error,
      });
      again = !isPermanent(cause);
    }
    if (!again || attempt === attempts) throw failure;
    await sleep(Math.min(longestWaitMs, firstWaitMs * 2 ** (attempt - 1)), signal, clock);
  }
}

/** Trying again cannot help: the certificate, or the address itself, is wrong. */
function isPermanent(cause: unknown): boolean {
  const { code = '', message = '' } = cause as { code?: string; message?: string };
  return /^(CERT_|ERR_TLS|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|ERR_INVALID)/.test(code) || /redirect|scheme/.test(message);
}

/**
 * The address of `--events-addr` as a URL; undefined when empty (RTM-134). A trailing dot of the host and a trailing
 * slash are allowed (RTM-544).
 *
 * @throws TypeError not an http or https URL
 */
export function eventsUrl(address: string): string | undefined {
  if (address === '') return undefined;
  if (!URL.canParse(address)) throw new TypeError(`events address '${address}' is not a URL`);
  const url = new URL(address);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new TypeError(`events address '${address}' must start with http:// or https://`);
  return url.href;
}
