import { expectKind, setField, setScalar } from '../yaml/edit.ts';
import { entry, isEmptyMap, isMissing, list, scalar, type YamlNode } from '../yaml/node.ts';

/** Merges a target and a patch element, either of which may be absent. */
export type MergeElements = (target: YamlNode | undefined, patch: YamlNode | undefined) => YamlNode | undefined;

/**
 * Merges lists by key: the patch's elements first, then the other target elements (KZE-717, KZE-730 to KZE-736). No keys
 * means that the elements are scalars, compared as a whole.
 */
export function mergeKeyedList(
  target: YamlNode,
  patch: YamlNode | undefined,
  mergeKeys: readonly string[],
  merge: MergeElements,
): YamlNode | undefined {
  const keys = mergeKeys.length === 0 ? [''] : mergeKeys;
  const simple = keys.length === 1 ? mergeBySoleKey(target, patch, keys[0]!, merge) : undefined;
  if (simple !== undefined) return simple;
  let tuples = keyTuples(patch, target, keys);
  if (mergeKeys.length === 0 && tuples.length === 0) return target;
  if (keys.length > 1) tuples = unify(tuples);

  const collected = list();
  let lastKeys: readonly string[] = keys;
  for (const tuple of tuples) {
    const used = usedKeys(tuples, keys);
    const values = keys.flatMap((key, i) => (used.includes(key) ? [tuple[i]!] : []));
    lastKeys = used;
    const [matchKeys, matchValues] = nonEmpty(used, values);
    const merged = merge(findElement(target, matchKeys, matchValues), findElement(patch, matchKeys, matchValues));
    if (isMissing(merged) || isEmptyMap(merged)) {
      for (let i = 0; i < used.length; i++) putElement(target, undefined, used, values);
      continue;
    }
    used.forEach((key, i) => ensureKey(merged, key, values[i]!));
    putElement(collected, merged, used, values);
  }
  return tuples.length > 0 ? appendRest(collected, target, lastKeys) : target;
}

function ensureKey(merged: YamlNode, key: string, value: string): void {
  if (value === '' || entry(merged, key) !== undefined) return;
  if (key === '') setScalar(merged, scalar(value));
  else setField(merged, key, scalar(value));
}

/**
 * The same for the usual case, in linear time: one key that every element has. Undefined where some element has not.
 */
function mergeBySoleKey(
  target: YamlNode,
  patch: YamlNode | undefined,
  key: string,
  merge: MergeElements,
): YamlNode | undefined {
  const inTarget = firstByKey(target.items, key);
  const inPatch = firstByKey(patch?.items ?? [], key);
  if (inTarget === undefined || inPatch === undefined) return undefined;
  const values = new Set([...inPatch.keys(), ...inTarget.keys()]);
  if (values.size === 0) return undefined;
  const result: YamlNode[] = [];
  const places = new Map<string, number>();
  for (const value of values) {
    const merged = merge(inTarget.get(value), inPatch.get(value));
    if (isMissing(merged) || isEmptyMap(merged)) continue;
    ensureKey(merged, key, value);
    places.set(value, result.push(merged) - 1);
  }
  // Of elements with equal keys in the target the last one stays.
  for (const item of target.items) {
    const place = places.get(keyText(item, key)!);
    if (place !== undefined) result[place] = item;
  }
  return list(result);
}

function keyText(item: YamlNode, key: string): string | undefined {
  if (key === '') return item.kind === 'scalar' && !isMissing(item) ? item.value : undefined;
  const value = entry(item, key);
  return value?.kind === 'scalar' && !isMissing(value) ? value.value : undefined;
}

/** The first element for every key text; undefined when one has none. */
function firstByKey(items: readonly YamlNode[], key: string): Map<string, YamlNode> | undefined {
  const result = new Map<string, YamlNode>();
  for (const item of items) {
    const text = keyText(item, key);
    if (!text) return undefined;
    if (!result.has(text)) result.set(text, item);
  }
  return result;
}

/** The key texts of every element, the patch's first, without repetition (KZE-730). */
function keyTuples(patch: YamlNode | undefined, target: YamlNode, keys: readonly string[]): string[][] {
  const seen = new Map<string, string[]>();
  for (const source of [patch, target]) {
    for (const item of source?.items ?? []) {
      const tuple = keys.map((key) => {
        if (key === '') return item.value;
        const value = entry(item, key);
        return isMissing(value) ? '' : value.value;
      });
      const text = tuple.join('\0');
      if (!seen.has(text)) seen.set(text, tuple);
    }
  }
  return [...seen.values()];
}

/** Completes tuples from others that agree with them (KZE-731). */
function unify(tuples: string[][]): string[][] {
  const result = [...tuples];
  for (let i = 0; i < result.length; i++) {
    const tuple = result[i]!;
    for (let j = 0; j < result.length; j++) {
      const union = unionOf(tuple, result[j]!);
      if (union) result[i] = result[j] = union;
    }
  }
  return result;
}

function unionOf(a: string[], b: string[]): string[] | undefined {
  let shared = false;
  for (let i = 0; i < a.length; i++) {
    if (a[i] === b[i]) shared = true;
    else if (a[i] !== '' && b[i] !== '') return undefined;
  }
  return shared ? a.map((value, i) => value || b[i]!) : undefined;
}

/** Keys for which some tuple has a value; all of them if none has (KZE-732). */
function usedKeys(tuples: string[][], keys: readonly string[]): readonly string[] {
  if (keys.length === 1) return keys;
  const used = keys.filter((_, i) => tuples.some((tuple) => tuple[i] !== ''));
  return used.length === 0 ? keys : used;
}

function nonEmpty(keys: readonly string[], values: string[]): [readonly string[], string[]] {
  if (values.every((value) => value === '')) return [keys, values];
  return [keys.filter((_, i) => values[i] !== ''), values.filter((value) => value !== '')];
}

function findElement(source: YamlNode | undefined, keys: readonly string[], values: string[]): YamlNode | undefined {
  if (source === undefined) return undefined;
  if (keys[0] === '') return source.items.find((item) => item.value === values[0]);
  return source.items.find(
    (item) => item.kind === 'map' && keys.every((key, i) => entry(item, key)?.value === values[i]),
  );
}

/** Puts an element in the place of those that match, else at the end; without an element, removes those (KZE-733). */
function putElement(target: YamlNode, element: YamlNode | undefined, keys: readonly string[], values: string[]): void {
  const byField = keys[0] !== '' && values.length > 0 && values[0] !== '';
  const items: YamlNode[] = [];
  let found = false;
  for (const item of target.items) {
    if (isMissing(item) || isEmptyMap(item)) continue;
    if (item.kind !== 'map' && byField) {
      items.push(item);
    } else if (!matches(item, keys, values)) {
      if (values.length > 0) items.push(item);
    } else {
      found = true;
      if (element !== undefined) items.push(element);
    }
  }
  target.items = items;
  if (!isMissing(element) && !found) items.push(element);
}

function matches(item: YamlNode, keys: readonly string[], values: string[]): boolean {
  if (values.length === 0) return false;
  return keys.every((key, i) => {
    if (i >= values.length) return true;
    if (key === '') {
      expectKind(item, 'scalar');
      return item.value === values[i];
    }
    expectKind(item, 'map');
    const value = entry(item, key);
    return value !== undefined && (values[i] === '' || value.value === values[i]);
  });
}

/** Adds the elements of the target to those collected (KZE-734). */
function appendRest(collected: YamlNode, target: YamlNode, keys: readonly string[]): YamlNode {
  for (const item of target.items) {
    if (keys[0] === '') {
      putElement(collected, item, keys, [item.value]);
      continue;
    }
    const values: string[] = [];
    for (const key of keys) {
      expectKind(item, 'map');
      const value = entry(item, key);
      if (value === undefined) collected.items.push(item);
      else values.push(value.value);
    }
    if (keys.length > 1) putElement(collected, undefined, keys, values);
    putElement(collected, item, keys, values);
  }
  return collected;
}
