import type { Condition } from '@gitops-toolkit/api';
import { compareConditions, conditionsOf, setCondition, READY, type ConditionsObject } from './set.ts';

/** Options of {@link summarise} and {@link mergeConditions}. */
export interface SummaryOptions {
  /** The types in scope, in order of precedence for reason and message; default: all but the target. */
  types?: string[];
  /** Types that are bad news when True. */
  negative?: string[];
  /** Only the groups of the newest generation present count (RTM-96). */
  latestGeneration?: boolean;
}

/** Groups of conditions by status and polarity, the one that decides first (RTM-93). */
const groups: { status: Condition['status']; negative?: boolean }[] = [
  { status: 'True', negative: true },
  { status: 'False', negative: false },
  { status: 'True', negative: false },
  { status: 'False', negative: true },
  { status: 'Unknown' },
];

/**
 * What the conditions amount to, as a condition of type `target`; undefined when none is in scope (RTM-92…96).
 * Undefined entries are skipped.
 */
export function mergeConditions(
  conditions: (Condition | undefined)[] | undefined,
  target: string,
  options: SummaryOptions = {},
): Pick<Condition, 'type' | 'status' | 'reason' | 'message'> | undefined {
  const { types, negative = [], latestGeneration } = options;
  let scope = (conditions ?? []).filter((c) => c !== undefined).filter((c) => !types || types.includes(c.type));
  if (latestGeneration) {
    const newest = Math.max(...scope.map((c) => c.observedGeneration ?? 0));
    scope = scope.filter((c) => (c.observedGeneration ?? 0) === newest);
  }
  for (const group of groups) {
    const members = scope.filter(
      (c) =>
        c.status === group.status && (group.negative === undefined || group.negative === negative.includes(c.type)),
    );
    if (members.length === 0) continue;
    members.sort((a, b) => precedence(a, types) - precedence(b, types) || compareConditions(a, b));
    const { reason, message } = members[0]!;
    const inverted = group.negative !== undefined && group.negative !== negative.includes(target);
    return { type: target, status: inverted ? invert(group.status) : group.status, reason, message };
  }
  return undefined;
}

/** Recomputes Ready from the other conditions of the object; leaves it alone when none is in scope (RTM-92). */
export function summarise(object: ConditionsObject, options: SummaryOptions, nowMs?: number): void {
  const others = conditionsOf(object).filter((condition) => condition.type !== READY);
  const merged = mergeConditions(others, READY, options);
  if (merged) setCondition(object, merged, nowMs);
}

function precedence(condition: Condition, types: string[] | undefined): number {
  return types ? types.indexOf(condition.type) : 0;
}

function invert(status: Condition['status']): Condition['status'] {
  return status === 'True' ? 'False' : status === 'False' ? 'True' : 'Unknown';
}
