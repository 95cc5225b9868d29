import { reconcileRequestedAt, type KubeObject } from '@gitops-toolkit/api';

/** The opaque token of an on-demand run; undefined when the annotation is absent, possibly empty (RTM-199). */
export function requestedAt(object: KubeObject): string | undefined {
  return object.metadata.annotations?.[reconcileRequestedAt];
}

/** Notes the request token as handled; nothing happens without the annotation (RTM-118, RTM-200). */
export function recordRequest(object: KubeObject & { status?: { lastHandledReconcileAt?: string } }): void {
  const token = requestedAt(object);
  if (token === undefined) return;
  object.status ??= {};
  object.status.lastHandledReconcileAt = token;
}

/**
 * Whether a one-off action asked for by a second annotation (force, reset) is due, and notes its token as seen
 * (RTM-201, RTM-202). Call it before the request token is recorded as handled.
 *
 * @param field status field of the last token, for instance `lastHandledForceAt`
 */
export function takeOneOffRequest(
  object: KubeObject & { status?: { lastHandledReconcileAt?: string } },
  annotation: string,
  field: string,
): boolean {
  const token = object.metadata.annotations?.[annotation];
  if (token === undefined) return false;
  object.status ??= {};
  const status = object.status as Record<string, unknown>;
  const lastToken = status[field];
  status[field] = token;
  const request = requestedAt(object);
  return token === request && request !== status.lastHandledReconcileAt && token !== lastToken;
}
