import type { UnstructuredObject } from '@gitops-toolkit/api';

/** A condition as kinds of any origin write it; nothing is taken for granted. */
export interface LooseCondition {
  type?: string;
  status?: string;
  reason?: string;
  message?: string;
}

/** The value at a path of field names, or undefined. */
export function at(object: UnstructuredObject, ...path: string[]): unknown {
  let value: unknown = object;
  for (const field of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[field];
  }
  return value;
}

/** The integer at a path; undefined when there is none. */
export function integerAt(object: UnstructuredObject, ...path: string[]): number | undefined {
  const value = at(object, ...path);
  return Number.isInteger(value) ? (value as number) : undefined;
}

/** The text at a path; the empty string when there is none. */
export function textAt(object: UnstructuredObject, ...path: string[]): string {
  const value = at(object, ...path);
  return typeof value === 'string' ? value : '';
}

/** A status that cannot be judged: a field is not of its type, or says something that no rule covers. */
export class UnreadableStatusError extends Error {
  override readonly name = 'UnreadableStatusError';
}

/**
 * `status.conditions`; none when absent.
 *
 * @throws UnreadableStatusError when it is not a list of objects (KUS-310).
 */
export function conditionsOf(object: UnstructuredObject): LooseCondition[] {
  const conditions = at(object, 'status', 'conditions') ?? [];
  const wellFormed = Array.isArray(conditions) && conditions.every((each) => typeof each === 'object' && each !== null);
  if (!wellFormed) throw new UnreadableStatusError('.status.conditions is not a list of conditions');
  return conditions as LooseCondition[];
}

/**
 * The integer at a path; undefined when absent.
 *
 * @throws UnreadableStatusError when something else is there (KUS-309).
 */
export function strictIntegerAt(object: UnstructuredObject, ...path: string[]): number | undefined {
  const value = at(object, ...path) ?? undefined;
  if (value === undefined || Number.isInteger(value)) return value as number | undefined;
  throw new UnreadableStatusError(`.${path.join('.')} is not an integer`);
}

/** The condition of a type, if there. */
export function conditionOf(object: UnstructuredObject, type: string): LooseCondition | undefined {
  return conditionsOf(object).find((condition) => condition.type === type);
}
