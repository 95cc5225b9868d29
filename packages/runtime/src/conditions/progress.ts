import { isUnknown, markReconciling, markUnknown, READY, type ConditionsObject } from './set.ts';

/**
 * Says what is being done: Reconciling True; Ready Unknown only with drift, or when it is missing or Unknown already
 * (RTM-120).
 */
export function markProgress(
  object: ConditionsObject,
  reason: string,
  message: string,
  drift: boolean,
  nowMs?: number,
): void {
  markReconciling(object, reason, message, nowMs);
  if (drift || isUnknown(object, READY)) markUnknown(object, READY, reason, message, nowMs);
}
