import type { Condition, KubeObject } from '@gitops-toolkit/api';

/** The well-known types (RTM-63…65). */
export const READY = 'Ready';
export const RECONCILING = 'Reconciling';
export const STALLED = 'Stalled';

/** Any object that can carry conditions. */
export type ConditionsObject = KubeObject & { status?: { conditions?: Condition[] } };

/** A condition to set; what is missing is filled in. */
export type ConditionInput = Pick<Condition, 'type' | 'status' | 'reason' | 'message'> & {
  lastTransitionTime?: string;
};

/** Bytes of UTF-8 that a message may have (RTM-54). */
export const MAX_MESSAGE_BYTES = 32768;

/** The conditions of an object; empty when there are none or they are unreadable (RTM-501). */
export function conditionsOf(object: KubeObject): Condition[] {
  const list = (object as ConditionsObject).status?.conditions;
  return Array.isArray(list) ? list : [];
}

/** A copy of the condition (RTM-91). */
export function findCondition(object: KubeObject, type: string): Condition | undefined {
  const found = conditionsOf(object).find((condition) => condition?.type === type);
  return found && { ...found };
}

/** RTM-90: false for a missing condition. */
export function isTrue(object: KubeObject, type: string): boolean {
  return findCondition(object, type)?.status === 'True';
}

/** RTM-90: false for a missing condition. */
export function isFalse(object: KubeObject, type: string): boolean {
  return findCondition(object, type)?.status === 'False';
}

/** RTM-90: true for a missing condition. */
export function isUnknown(object: KubeObject, type: string): boolean {
  return (findCondition(object, type)?.status ?? 'Unknown') === 'Unknown';
}

/** Stalled True and Reconciling not True (RTM-90). */
export function isStalled(object: KubeObject): boolean {
  return isTrue(object, STALLED) && !isTrue(object, RECONCILING);
}

/** Reconciling True and Stalled not True (RTM-90). */
export function isReconciling(object: KubeObject): boolean {
  return isTrue(object, RECONCILING) && !isTrue(object, STALLED);
}

/** Ready True, neither stalled nor reconciling (RTM-90). */
export function isReady(object: KubeObject): boolean {
  return isTrue(object, READY) && !isStalled(object) && !isReconciling(object);
}

/** Sets a condition, stamps its generation, keeps or moves its transition time, and sorts the list (RTM-83…88). */
export function setCondition(object: ConditionsObject, input: ConditionInput, nowMs: number = Date.now()): void {
  const list = conditionsOf(object).slice();
  const index = list.findIndex((condition) => condition.type === input.type);
  const old = list[index];
  const next: Condition = {
    type: input.type,
    status: input.status,
    reason: input.reason,
    message: truncateMessage(input.message),
    observedGeneration: object.metadata.generation ?? 0,
    lastTransitionTime: input.lastTransitionTime ?? wholeSeconds(nowMs),
  };
  if (old && sameState(old, next)) next.lastTransitionTime = old.lastTransitionTime;
  else if (old) next.lastTransitionTime = wholeSeconds(nowMs);
  if (old) list[index] = next;
  else list.push(next);
  object.status ??= {};
  object.status.conditions = list.sort(compareConditions);
}

export function markTrue(o: ConditionsObject, type: string, reason: string, message: string, nowMs?: number): void {
  setCondition(o, { type, status: 'True', reason, message }, nowMs);
}

export function markFalse(o: ConditionsObject, type: string, reason: string, message: string, nowMs?: number): void {
  setCondition(o, { type, status: 'False', reason, message }, nowMs);
}

export function markUnknown(o: ConditionsObject, type: string, reason: string, message: string, nowMs?: number): void {
  setCondition(o, { type, status: 'Unknown', reason, message }, nowMs);
}

/** Reconciling True; removes Stalled (RTM-89). */
export function markReconciling(o: ConditionsObject, reason: string, message: string, nowMs?: number): void {
  removeCondition(o, STALLED);
  markTrue(o, RECONCILING, reason, message, nowMs);
}

/** Stalled True; removes Reconciling (RTM-89). */
export function markStalled(o: ConditionsObject, reason: string, message: string, nowMs?: number): void {
  removeCondition(o, RECONCILING);
  markTrue(o, STALLED, reason, message, nowMs);
}

/** Removes a condition; nothing happens when it is missing. */
export function removeCondition(object: ConditionsObject, type: string): void {
  if (!object.status?.conditions) return;
  object.status.conditions = conditionsOf(object).filter((condition) => condition.type !== type);
}

/** Equal in everything but generation and transition time. */
export function sameState(a: Condition, b: Condition): boolean {
  return a.type === b.type && a.status === b.status && a.reason === b.reason && a.message === b.message;
}

const first = [STALLED, RECONCILING, READY];

/** Stalled, Reconciling, Ready; then newest generation first; then by type (RTM-88). */
export function compareConditions(a: Condition, b: Condition): number {
  const rank = rankOf(a) - rankOf(b);
  if (rank !== 0) return rank;
  const generation = (b.observedGeneration ?? 0) - (a.observedGeneration ?? 0);
  if (generation !== 0) return generation;
  return a.type < b.type ? -1 : a.type > b.type ? 1 : 0;
}

function rankOf(condition: Condition): number {
  const index = first.indexOf(condition.type);
  return index < 0 ? first.length : index;
}

/** UTC, whole seconds: `2026-01-02T15:04:05Z`. */
export function wholeSeconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** At most `limit` bytes of UTF-8, ending in `...` when cut; limits below 3 behave as 3 (RTM-87, RTM-500). */
export function truncateMessage(text: string, limit: number = MAX_MESSAGE_BYTES): string {
  // A UTF-16 unit is at most three bytes, so most messages need no encoding.
  if (text.length * 3 <= limit) return text;
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= limit) return text;
  let end = Math.max(limit, 3) - 3;
  // Never cut inside a character: continuation bytes are 10xxxxxx.
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--;
  return `${bytes.subarray(0, end).toString('utf8')}...`;
}
