import { isDeepStrictEqual } from 'node:util';
import type { Condition } from '@gitops-toolkit/api';
import { compareConditions, sameState } from '../conditions/set.ts';

/** One difference between two lists of conditions. */
export type ConditionChange =
  | { kind: 'add'; after: Condition }
  | { kind: 'change'; before: Condition; after: Condition }
  | { kind: 'remove'; before: Condition };

/** Another writer changed a condition that we do not own, and what we want differs (RTM-187). */
export class ConditionConflictError extends Error {
  constructor(operation: ConditionChange['kind'], type: string, found: string) {
    super(`cannot ${operation} condition '${type}': ${found} on the server`);
    this.name = 'ConditionConflictError';
  }
}

/**
 * The differences from `before` to `after`. A condition whose state is what it was keeps its transition time, whatever
 * happened to it in between: nobody saw that.
 */
export function diffConditions(before: Condition[], after: Condition[]): ConditionChange[] {
  const changes: ConditionChange[] = [];
  const old = new Map(before.map((condition) => [condition.type, condition]));
  for (const condition of after) {
    const previous = old.get(condition.type);
    old.delete(condition.type);
    if (!previous) changes.push({ kind: 'add', after: condition });
    else if (!sameState(previous, condition) || previous.observedGeneration !== condition.observedGeneration)
      changes.push({ kind: 'change', before: previous, after: condition });
  }
  for (const previous of old.values()) changes.push({ kind: 'remove', before: previous });
  return changes;
}

/**
 * Applies differences to the server's conditions, three-way for types that are not owned (RTM-187…191); undefined when
 * that changes nothing.
 *
 * @param generation stamped on every condition set (RTM-191)
 * @throws ConditionConflictError
 */
export function applyConditionChanges(
  latest: Condition[],
  changes: ConditionChange[],
  options: { owned: (type: string) => boolean; generation: number | undefined },
): Condition[] | undefined {
  const result = new Map(latest.map((condition) => [condition.type, condition]));
  for (const change of changes) {
    const type = change.kind === 'remove' ? change.before.type : change.after.type;
    const current = result.get(type);
    if (!options.owned(type)) checkConflict(change, current);
    if (change.kind === 'remove') {
      result.delete(type);
      continue;
    }
    const next = { ...change.after };
    if (options.generation !== undefined) next.observedGeneration = options.generation;
    // Keep the time at which this state was first seen (RTM-190).
    if (current && sameState(current, next)) next.lastTransitionTime = current.lastTransitionTime;
    result.set(type, next);
  }
  const list = [...result.values()].sort(compareConditions);
  return isDeepStrictEqual(list, latest) ? undefined : list;
}

function checkConflict(change: ConditionChange, current: Condition | undefined): void {
  if (change.kind === 'add') {
    if (current && !sameState(current, change.after))
      throw new ConditionConflictError('add', change.after.type, 'another state is');
    return;
  }
  const { type } = change.before;
  if (change.kind === 'change') {
    if (!current) throw new ConditionConflictError('change', type, 'it is gone');
    if (!sameState(current, change.before) && !sameState(current, change.after))
      throw new ConditionConflictError('change', type, 'another state is');
    return;
  }
  if (current && !sameState(current, change.before))
    throw new ConditionConflictError('remove', type, 'another state is');
}
