import { type ManagedFieldsEntry, type UnstructuredObject } from '@gitops-toolkit/api';
import { containsPath, type FieldTree } from '../fields/field-set.ts';
import { jsonEqual } from '../object/equal.ts';
import { isRecord } from '../object/object.ts';
import { getAt, parsePointer, type PointerPath, removeAt, setAt } from '../object/pointer.ts';
import { compileSelector, type ObjectSelector } from './selector.ts';

/** Paths that do not count as drift, and keep their live value when an object is applied for another reason. */
export interface IgnoreRule {
  /** JSON pointers (KUS-265). */
  paths: readonly string[];
  /** Absent: all objects (KUS-263). */
  target?: ObjectSelector;
}

/** Rules ready for use: answers the paths to ignore on an object. */
export type IgnorePaths = (object: UnstructuredObject) => PointerPath[];

/**
 * Compiles ignore rules; the paths of all rules that match an object apply to it (KUS-263).
 *
 * @throws SelectorError for an invalid target (KUS-264).
 */
export function compileIgnoreRules(rules: readonly IgnoreRule[]): IgnorePaths {
  const compiled = rules.map(({ paths, target }) => ({
    matches: target ? compileSelector(target) : () => true,
    paths: paths.map(parsePointer).filter((path) => path.length > 0),
  }));
  return (object) => compiled.flatMap((rule) => (rule.matches(object) ? rule.paths : []));
}

/**
 * Lets ignored paths keep their live value in an object about to be applied (KUS-268): a path that another manager
 * applies is taken out, so that it alone owns the field; otherwise the live value is put in.
 *
 * @param payload changed in place.
 */
export function keepIgnored(
  payload: UnstructuredObject,
  live: UnstructuredObject,
  dryRun: UnstructuredObject,
  paths: readonly PointerPath[],
  fieldManager: string,
): void {
  const others = (live.metadata.managedFields ?? []).filter(
    (entry) => entry.operation === 'Apply' && !entry.subresource && entry.manager !== fieldManager,
  );
  const released: PointerPath[] = [];
  for (const path of paths) {
    const value = getAt(live, path);
    if (jsonEqual(value, getAt(dryRun, path))) continue;
    if (value === undefined || isOwned(live, path, others)) released.push(path);
    else setAt(payload, path, structuredClone(value));
  }
  // From the back, so that indexes of list items stay right.
  for (const path of released.toReversed()) removeAt(payload, path);
}

function isOwned(live: UnstructuredObject, path: PointerPath, entries: readonly ManagedFieldsEntry[]): boolean {
  return entries.some((entry) => {
    const segments = fieldPath(live, path, entry.fieldsV1);
    return segments !== undefined && containsPath(entry.fieldsV1, segments);
  });
}

/** A pointer as a path of a field set; list items are found by the key they match (KUS-269). */
function fieldPath(live: UnstructuredObject, path: PointerPath, fields: FieldTree | undefined): string[] | undefined {
  const segments: string[] = [];
  let value: unknown = live;
  let tree: unknown = fields;
  for (const segment of path) {
    let next = `f:${segment}`;
    if (Array.isArray(value)) {
      const item: unknown = getAt(value, [segment]);
      const key = isRecord(tree) ? Object.keys(tree).find((name) => isKeyOf(name, item)) : undefined;
      if (key === undefined) return undefined;
      next = key;
      value = item;
    } else {
      value = getAt(value, [segment]);
    }
    segments.push(next);
    tree = isRecord(tree) ? tree[next] : undefined;
  }
  return segments;
}

function isKeyOf(name: string, item: unknown): boolean {
  if (!name.startsWith('k:') || !isRecord(item)) return false;
  try {
    const key: unknown = JSON.parse(name.slice(2));
    return isRecord(key) && Object.entries(key).every(([field, value]) => jsonEqual(item[field], value));
  } catch {
    return false;
  }
}
