import { gvkOf, type UnstructuredObject } from '@gitops-toolkit/api';
import { builtinRules } from './builtin.ts';
import { at, conditionsOf, strictIntegerAt } from './fields.ts';

/** Where an object stands, in the words of kstatus (KUS-293). */
export type StatusName = 'InProgress' | 'Failed' | 'Current' | 'Terminating' | 'NotFound' | 'Unknown';

/** A status and what it was read from. */
export interface ObjectStatus {
  status: StatusName;
  /** For people; may be empty. */
  message: string;
}

/** What a rule sees beside the object. */
export interface StatusOptions {
  /** Milliseconds since the epoch; default the clock. Pending Pods fail only after a grace period. */
  now?: number;
}

/**
 * The status of any object, from its own fields: the generic rules first, then the rule of its kind, then its Ready
 * condition; an object that says nothing of itself is Current (KUS-302…308).
 *
 * @throws UnreadableStatusError when generations or conditions are not of their type, and when a builtin kind reports
 *   something that no rule covers, for instance a Pod phase.
 */
export function statusOf(object: UnstructuredObject, options: StatusOptions = {}): ObjectStatus {
  const { group, kind } = gvkOf(object);
  const rule = builtinRules[`${group}/${kind}`];
  // A running Job already has a status that the generic rules would misread (RTM-235, KUS-303).
  if (rule && group === 'batch' && kind === 'Job') return rule(object, options);
  return generic(object) ?? rule?.(object, options) ?? ready(object);
}

function generic(object: UnstructuredObject): ObjectStatus | undefined {
  if (object.metadata.deletionTimestamp) return { status: 'Terminating', message: 'Resource scheduled for deletion' };
  const generation = strictIntegerAt(object, 'metadata', 'generation');
  const observed = strictIntegerAt(object, 'status', 'observedGeneration');
  if (generation !== undefined && observed !== undefined && observed !== generation) {
    const message = `${object.kind} generation is ${generation}, but latest observed generation is ${observed}`;
    return { status: 'InProgress', message };
  }
  for (const condition of conditionsOf(object)) {
    if (condition.status !== 'True') continue;
    if (condition.type === 'Reconciling') return { status: 'InProgress', message: condition.message ?? '' };
    if (condition.type === 'Stalled') return { status: 'Failed', message: condition.message ?? '' };
  }
  return undefined;
}

function ready(object: UnstructuredObject): ObjectStatus {
  const condition = conditionsOf(object).find(({ type }) => type === 'Ready');
  if (condition === undefined || condition.status === 'True')
    return { status: 'Current', message: 'Resource is current' };
  return { status: 'InProgress', message: condition.message ?? '' };
}

/** Whether the object carries `spec.ttlSecondsAfterFinished` and so may be gone when it is done (KUS-291). */
export function mayVanish(object: UnstructuredObject): boolean {
  return (
    gvkOf(object).group === 'batch' && object.kind === 'Job' && at(object, 'spec', 'ttlSecondsAfterFinished') != null
  );
}
