import { KustomizeError } from '../errors.ts';
import { assign, isMissing, isNull, kindName, map, scalar, text, TAG, type YamlNode } from './node.ts';
import { looksLikeNonString } from './resolve.ts';

/** An explicit null that a merge found in the target and keeps. */
export const KEPT_NULLS: WeakSet<YamlNode> = new WeakSet();

/** Fails unless `node` is of `kind`; nulls pass (KZE-347). */
export function expectKind(node: YamlNode | undefined, kind: YamlNode['kind']): void {
  if (isMissing(node) || node.kind === kind) return;
  throw new WrongKindError(kind, node.kind);
}

export class WrongKindError extends KustomizeError {
  readonly actual: YamlNode['kind'];

  constructor(expected: YamlNode['kind'], actual: YamlNode['kind']) {
    super(`wrong node kind: expected ${kindName(expected)} but got ${kindName(actual)}`);
    this.actual = actual;
  }
}

/** Quotes a string that YAML 1.1 would read as something else. */
function protect(value: YamlNode): void {
  const isText = value.kind === 'scalar' && (value.tag === TAG.string || value.tag === '');
  if (isText && !value.quoted && looksLikeNonString(value.value)) {
    value.quoted = true;
  }
}

/** Writes a scalar over a scalar, keeping the quoting of the old one (KZE-571). */
export function setScalar(target: YamlNode, value: YamlNode): void {
  expectKind(target, 'scalar');
  if (isNull(value)) return;
  assign(target, { ...value, quoted: target.quoted });
}

/**
 * Sets a field of a map. An existing field keeps its quoting; a missing or null value removes the field.
 * The node itself becomes part of the map when the field is new.
 */
export function setField(parent: YamlNode, key: string, value: YamlNode | undefined): void {
  expectKind(parent, 'map');
  if (value === undefined || (isNull(value) && !KEPT_NULLS.has(value))) {
    parent.entries.delete(key);
    return;
  }
  protect(value);
  const existing = parent.entries.get(key);
  if (existing === undefined) {
    parent.entries.set(key, value);
  } else if (existing !== value) {
    value.quoted = existing.quoted;
    assign(existing, value);
  }
}

/** The map at `path`, created where missing; a null on the way stays as it is and ends in undefined. */
export function mapAt(node: YamlNode, path: readonly string[]): YamlNode | undefined {
  let at = node;
  for (const key of path) {
    expectKind(at, 'map');
    if (at.kind !== 'map') return undefined;
    let next = at.entries.get(key);
    if (next === undefined) {
      next = map();
      at.entries.set(key, next);
    }
    at = next;
  }
  return at;
}

/** `metadata.<field>` of an object as text to text; values that are no scalars count as empty text. */
export function metadataMap(object: YamlNode, field: 'labels' | 'annotations'): Map<string, string> {
  const result = new Map<string, string>();
  const metadata = object.entries.get('metadata');
  const found = metadata?.entries.get(field);
  if (found !== undefined) for (const [key, value] of found.entries) result.set(key, value.value);
  return result;
}

/** Rewrites `metadata.<field>` with string values in key order; an empty map removes the field (KZE-204). */
export function setMetadataMap(object: YamlNode, field: 'labels' | 'annotations', values: Map<string, string>): void {
  const metadata = mapAt(object, ['metadata']);
  if (metadata === undefined || metadata.kind !== 'map') return;
  metadata.entries.delete(field);
  if (values.size === 0) return;
  const fresh = map();
  for (const key of [...values.keys()].sort()) setField(fresh, key, text(values.get(key)!));
  metadata.entries.set(field, fresh);
}

/** Sets a field of `metadata` to a text whose type is derived from it and from the quoting found there. */
export function setMetadataText(object: YamlNode, field: string, value: string): void {
  const metadata = mapAt(object, ['metadata']);
  if (metadata?.kind === 'map') setField(metadata, field, scalar(value));
}
