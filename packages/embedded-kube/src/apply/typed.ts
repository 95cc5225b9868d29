/** Objects seen through their schema: which fields they set, how two differ, how one merges into another. */
import { schema } from '@gitops-toolkit/api';
import type { JsonObject } from '../object/json.ts';
import { type FieldSet, isEmpty, node, put } from './fieldset.ts';

type SchemaNode = schema.SchemaNode;

/** How a list or map is owned: as one value, or item by item. */
function isAtomicMap(type: SchemaNode | undefined): boolean {
  return type?.schema['x-kubernetes-map-type'] === 'atomic';
}

function isAssociative(type: SchemaNode | undefined): boolean {
  return type !== undefined && type.listType !== 'atomic';
}

export function childType(type: SchemaNode | undefined, name: string): SchemaNode | undefined {
  return type?.properties?.get(name) ?? type?.additional;
}

/** The element of a list item, `k:{…}` or `v:…`. */
export function itemElement(type: SchemaNode, item: unknown): string {
  if (type.listType === 'set' || !schema.isObject(item)) return `v:${JSON.stringify(item)}`;
  const keys: JsonObject = {};
  for (const name of [...type.mapKeys].sort()) {
    const value = item[name] ?? type.items?.properties?.get(name)?.schema.default ?? implicitKeys[name];
    if (value !== undefined) keys[name] = value;
  }
  return `k:${JSON.stringify(keys)}`;
}

/** Key fields of built-in lists that may be left out. */
const implicitKeys: Record<string, unknown> = { protocol: 'TCP' };

/** Items by element, in order; undefined when an element repeats. */
export function indexItems(type: SchemaNode, items: readonly unknown[]): Map<string, unknown> {
  const index = new Map<string, unknown>();
  for (const item of items) {
    const element = itemElement(type, item);
    if (!index.has(element)) index.set(element, item);
  }
  return index;
}

/** The fields that a value sets, as the children of its own node. */
export function fieldSetOf(type: SchemaNode | undefined, value: JsonObject): FieldSet {
  const set: FieldSet = {};
  for (const name in value)
    put(set, `f:${name}`, nodeOf(childType(type, name), value[name], !type?.properties?.has(name)));
  return set;
}

/** The node of a value; `entry`: a map entry or list item, which is a member besides what it holds. */
function nodeOf(type: SchemaNode | undefined, value: unknown, entry: boolean): FieldSet | undefined {
  if (Array.isArray(value)) {
    if (!isAssociative(type)) return node(true, {});
    const children: FieldSet = {};
    for (const [element, item] of indexItems(type!, value)) put(children, element, nodeOf(type!.items, item, true));
    return node(entry, children);
  }
  if (schema.isObject(value)) {
    if (isAtomicMap(type)) return node(true, {});
    const children = fieldSetOf(type, value);
    return node(entry || isEmpty(value as FieldSet), children);
  }
  return value === undefined ? undefined : node(true, {});
}

export interface Comparison {
  added: FieldSet;
  modified: FieldSet;
  removed: FieldSet;
}

/** What changed between two objects, field by field. */
export function compare(type: SchemaNode | undefined, old: JsonObject, value: JsonObject): Comparison {
  const result = { added: {}, modified: {}, removed: {} };
  compareFields(type, old, value, result);
  return result;
}

export function isSame(comparison: Comparison): boolean {
  return isEmpty(comparison.added) && isEmpty(comparison.modified) && isEmpty(comparison.removed);
}

function compareFields(type: SchemaNode | undefined, old: JsonObject, value: JsonObject, result: Comparison): void {
  for (const name in old)
    if (value[name] === undefined) put(result.removed, `f:${name}`, wholeNode(childType(type, name), old[name]));
  for (const name in value) compareElement(childType(type, name), `f:${name}`, old[name], value[name], result);
}

function compareElement(
  type: SchemaNode | undefined,
  element: string,
  old: unknown,
  value: unknown,
  result: Comparison,
): void {
  if (value === undefined || old === value) return;
  if (old === undefined) {
    put(result.added, element, wholeNode(type, value));
    return;
  }
  if (schema.isObject(old) && schema.isObject(value) && !isAtomicMap(type)) {
    const inner = { added: {}, modified: {}, removed: {} };
    compareFields(type, old, value, inner);
    putInner(result, element, inner);
  } else if (Array.isArray(old) && Array.isArray(value) && isAssociative(type)) {
    const inner = { added: {}, modified: {}, removed: {} };
    compareItems(type!, old, value, inner);
    putInner(result, element, inner);
  } else if (!schema.jsonEqual(old, value)) {
    put(result.modified, element, node(true, {}));
  }
}

function putInner(result: Comparison, element: string, inner: Comparison): void {
  put(result.added, element, node(false, inner.added));
  put(result.modified, element, node(false, inner.modified));
  put(result.removed, element, node(false, inner.removed));
}

function compareItems(type: SchemaNode, old: unknown[], value: unknown[], result: Comparison): void {
  const before = indexItems(type, old);
  const after = indexItems(type, value);
  for (const [element, item] of before)
    if (!after.has(element)) put(result.removed, element, wholeNode(type.items, item));
  for (const [element, item] of after) compareElement(type.items, element, before.get(element), item, result);
}

/** The node of a value that appeared or vanished as a whole: the value itself and everything in it. */
function wholeNode(type: SchemaNode | undefined, value: unknown): FieldSet | undefined {
  if (value === undefined) return undefined;
  const children: FieldSet = {};
  if (Array.isArray(value) && isAssociative(type)) {
    for (const [element, item] of indexItems(type!, value)) put(children, element, wholeNode(type!.items, item));
  } else if (schema.isObject(value) && !isAtomicMap(type)) {
    for (const name in value) put(children, `f:${name}`, wholeNode(childType(type, name), value[name]));
  }
  return node(true, children);
}

/** `config` merged into `live`: maps field by field, associative lists item by item, everything else replaced. */
export function merge(type: SchemaNode | undefined, live: unknown, config: unknown): unknown {
  if (config === undefined) return live;
  if (schema.isObject(config) && schema.isObject(live) && !isAtomicMap(type)) {
    const merged: JsonObject = { ...live };
    for (const name in config) merged[name] = merge(childType(type, name), live[name], config[name]);
    return merged;
  }
  if (Array.isArray(config) && Array.isArray(live) && isAssociative(type)) return mergeItems(type!, live, config);
  return config;
}

/**
 * Items of both lists. Those in `config` come in its order; those only in `live` stay after what they came after. Where
 * the two disagree on the order of shared items, `config` wins.
 */
function mergeItems(type: SchemaNode, live: unknown[], config: unknown[]): unknown[] {
  const before = indexItems(type, live);
  const after = indexItems(type, config);
  const left = [...before.keys()];
  const right = [...after.keys()];
  const shared = right.filter((element) => before.has(element));
  const merged: unknown[] = [];
  const taken = new Set<string>();
  const take = (element: string) => {
    taken.add(element);
    merged.push(merge(type.items, before.get(element), after.get(element)));
    if (shared[0] === element) shared.shift();
  };
  let l = 0;
  let r = 0;
  while (l < left.length || r < right.length) {
    const mine = left[l];
    const theirs = right[r];
    if (mine !== undefined && theirs !== undefined) {
      if (mine === theirs) {
        take(mine);
        l++;
        r++;
        continue;
      }
      // Shared, but another shared item has to come first.
      if (after.has(mine) && shared.length > 0 && shared[0] !== mine) {
        l++;
        continue;
      }
    }
    if (mine !== undefined) {
      if (!after.has(mine)) {
        take(mine);
        l++;
        continue;
      }
      if (taken.has(mine)) l++;
    }
    if (theirs !== undefined) {
      take(theirs);
      r++;
    }
  }
  return merged;
}

/** Items of a set or a map list that occur twice: paths and keys, in the words of the merge library. */
export function duplicateItems(type: SchemaNode | undefined, value: unknown, path = ''): string[] {
  if (schema.isObject(value))
    return Object.keys(value).flatMap((name) => duplicateItems(childType(type, name), value[name], `${path}.${name}`));
  if (!Array.isArray(value) || type === undefined) return [];
  const inner = (item: unknown, element: string) => duplicateItems(type.items, item, `${path}[${element}]`);
  if (!isAssociative(type)) return value.flatMap((item, index) => inner(item, String(index)));
  const seen = new Set<string>();
  const repeated = new Set<string>();
  const found: string[] = [];
  for (const item of value) {
    const element = itemElement(type, item);
    if (seen.has(element)) repeated.add(element);
    seen.add(element);
    found.push(...inner(item, keyText(element)));
  }
  return [...[...repeated].map((element) => `${path}: duplicate entries for key [${keyText(element)}]`), ...found];
}

/** `name="a"` of `k:{"name":"a"}`, `="a"` of `v:"a"`. */
function keyText(element: string): string {
  if (element.startsWith('v:')) return `=${element.slice(2)}`;
  const keys = JSON.parse(element.slice(2)) as JsonObject;
  return Object.keys(keys)
    .map((name) => `${name}=${JSON.stringify(keys[name])}`)
    .join(',');
}

/**
 * `value` without the fields of `abandoned` that nobody in `owned` holds. A container goes with its last owned field;
 * so does what defaulting put beside it.
 */
export function removeAbandoned(
  type: SchemaNode | undefined,
  value: JsonObject,
  abandoned: FieldSet,
  owned: FieldSet,
): JsonObject {
  let result = value;
  for (const element in abandoned) {
    if (!element.startsWith('f:')) continue;
    const name = element.slice(2);
    const present = result[name];
    if (present === undefined) continue;
    const declared = type?.properties?.has(name) ?? false;
    const keep = decide(abandoned[element]!, owned[element], declared);
    if (keep === 'keep') continue;
    const replacement =
      keep === 'remove'
        ? undefined
        : removeWithin(childType(type, name), present, abandoned[element]!, owned[element] ?? {});
    if (replacement === present) continue;
    result = { ...result };
    const held = owned[element];
    if (replacement !== undefined) result[name] = replacement;
    else if (held !== undefined && isMemberNode(held) && schema.isObject(present)) result[name] = {};
    else delete result[name];
  }
  return result;
}

/** `declared`: a field of the schema, which counts as held when anything in it is. */
function decide(abandoned: FieldSet, owned: FieldSet | undefined, declared: boolean): 'keep' | 'remove' | 'descend' {
  const was = declared || isMemberNode(abandoned);
  const is = owned !== undefined && (declared || isMemberNode(owned));
  if (was && !is) return 'remove';
  return isEmpty(abandoned) ? 'keep' : 'descend';
}

function isMemberNode(set: FieldSet): boolean {
  return '.' in set || isEmpty(set);
}

function removeWithin(type: SchemaNode | undefined, value: unknown, abandoned: FieldSet, owned: FieldSet): unknown {
  if (schema.isObject(value)) {
    const rest = removeAbandoned(type, value, abandoned, owned);
    return rest !== value && isEmpty(rest as FieldSet) ? undefined : rest;
  }
  if (!Array.isArray(value) || !isAssociative(type)) return value;
  const items: unknown[] = [];
  let changed = false;
  for (const item of value) {
    const element = itemElement(type!, item);
    const gone = abandoned[element];
    const verdict = gone === undefined ? 'keep' : decide(gone, owned[element], false);
    const kept =
      verdict === 'keep'
        ? item
        : verdict === 'remove'
          ? undefined
          : removeWithin(type!.items, item, gone!, owned[element] ?? {});
    if (kept !== item) changed = true;
    if (kept !== undefined) items.push(kept);
  }
  if (!changed) return value;
  return items.length === 0 ? undefined : items;
}
