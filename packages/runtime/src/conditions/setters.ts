import type { Condition } from '@gitops-toolkit/api';
import {
  findCondition,
  markFalse,
  markReconciling,
  markStalled,
  markTrue,
  markUnknown,
  removeCondition,
} from './set.ts';
import type { ConditionsObject } from './set.ts';

/** The condition functions bound to one object. */
export interface ConditionSetters {
  /** A copy, or undefined. */
  get(type: string): Readonly<Condition> | undefined;
  isTrue(type: string): boolean;
  isFalse(type: string): boolean;
  markTrue(type: string, reason: string, message: string): void;
  markFalse(type: string, reason: string, message: string): void;
  markUnknown(type: string, reason: string, message: string): void;
  /** Reconciling True; removes Stalled (RTM-89). */
  markReconciling(reason: string, message: string): void;
  /** Stalled True; removes Reconciling (RTM-89). Prefer throwing `stalling(…)`. */
  markStalled(reason: string, message: string): void;
  remove(...types: string[]): void;
}

/** Binds the condition functions to `object`; `now` gives milliseconds since the epoch. */
export function conditionSetters(object: ConditionsObject, now: () => number = Date.now): ConditionSetters {
  return {
    get: (type) => findCondition(object, type),
    isTrue: (type) => findCondition(object, type)?.status === 'True',
    isFalse: (type) => findCondition(object, type)?.status === 'False',
    markTrue: (type, reason, message) => markTrue(object, type, reason, message, now()),
    markFalse: (type, reason, message) => markFalse(object, type, reason, message, now()),
    markUnknown: (type, reason, message) => markUnknown(object, type, reason, message, now()),
    markReconciling: (reason, message) => markReconciling(object, reason, message, now()),
    markStalled: (reason, message) => markStalled(object, reason, message, now()),
    remove: (...types) => types.forEach((type) => removeCondition(object, type)),
  };
}
