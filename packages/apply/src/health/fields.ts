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

/** `status.conditions`, without entries that are no objects. */
export function conditionsOf(object: UnstructuredObject): LooseCondition[] {
  const conditions = at(object, 'status', 'conditions');
  if (!Array.isArray(conditions)) return [];
  return conditions.filter((each): each is LooseCondition => typeof each === 'object' && each !== null);
}

/** The condition of a type, if there. */
export function conditionOf(object: UnstructuredObject, type: string): LooseCondition | undefined {
  return conditionsOf(object).find((condition) => condition.type === type);
}
