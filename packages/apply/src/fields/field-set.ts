import { isRecord } from '../object/object.ts';

/**
 * Sets of fields as `metadata.managedFields[].fieldsV1` writes them: a tree whose keys are `f:<field>`, `k:{<key>}`,
 * `v:<value>`, and `.` for "the parent itself". An empty tree below a key means that the key itself is a member.
 */
export type FieldTree = Record<string, unknown>;

/** Fields that are in either set. */
export function unionFields(a: FieldTree | undefined, b: FieldTree | undefined): FieldTree | undefined {
  if (!a || !b) return a ?? b;
  const union: FieldTree = {};
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const left = a[key];
    const right = b[key];
    if (!isRecord(left) || !isRecord(right)) {
      union[key] = left ?? right;
      continue;
    }
    const merged = unionFields(left, right)!;
    const leaf = isEmpty(left) || isEmpty(right);
    union[key] = leaf && !isEmpty(merged) ? { '.': {}, ...merged } : merged;
  }
  return union;
}

/** True when the set has the path itself or anything below it. */
export function containsPath(fields: FieldTree | undefined, path: readonly string[]): boolean {
  let current: unknown = fields;
  for (const segment of path) {
    if (!isRecord(current) || !Object.hasOwn(current, segment)) return false;
    current = current[segment];
  }
  return true;
}

function isEmpty(tree: FieldTree): boolean {
  return Object.keys(tree).length === 0;
}
