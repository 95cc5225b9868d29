import { KustomizeError } from '../errors.ts';
import { KEPT_NULLS, expectKind, setField } from '../yaml/edit.ts';
import { TAG, entry, isMissing, isNull, scalar, textAt, type YamlNode } from '../yaml/node.ts';
import { mergeKeyedList } from './keyed-list.ts';
import { type MergeSchema, type SchemaLookup } from './schema/types.ts';

/**
 * Merges `patch` into `target`, which is changed in place; `patch` is used up (KZE-710 to KZE-728). Returns what the target
 * has become: undefined when the patch deletes it.
 *
 * @throws {KustomizeError} when shapes differ (KZE-347) or a directive is unknown (KZE-346).
 */
export function strategicMerge(target: YamlNode, patch: YamlNode, lookup: SchemaLookup): YamlNode | undefined {
  return mergeNodes(target, patch, undefined, lookup);
}

/** One level of the merge: either side may be absent. */
export function mergeNodes(
  target: YamlNode | undefined,
  patch: YamlNode | undefined,
  known: MergeSchema | undefined,
  lookup: SchemaLookup,
): YamlNode | undefined {
  const schema = known ?? schemaFor(target, lookup) ?? schemaFor(patch, lookup);
  const kind = !isMissing(target) ? target.kind : !isMissing(patch) ? patch.kind : 'map';
  expectKind(target, kind);
  expectKind(patch, kind);
  if (kind === 'scalar') return patch ?? target;
  if (kind === 'map') return mergeMaps(target, patch, schema, lookup);
  return schema?.mergeKeys === undefined ? (patch ?? target) : mergeLists(target, patch, schema, lookup);
}

function schemaFor(node: YamlNode | undefined, lookup: SchemaLookup): MergeSchema | undefined {
  if (node?.kind !== 'map') return undefined;
  const kind = textAt(node, 'kind');
  const apiVersion = textAt(node, 'apiVersion');
  return kind !== '' && apiVersion !== '' ? lookup(apiVersion, kind) : undefined;
}

function mergeMaps(
  target: YamlNode | undefined,
  patch: YamlNode | undefined,
  schema: MergeSchema | undefined,
  lookup: SchemaLookup,
): YamlNode | undefined {
  const result = chooseMap(target, patch);
  if (result === undefined) return undefined;
  const fields = new Set<string>([...result.entries.keys(), ...(patch?.entries.keys() ?? [])]);
  for (const field of [...fields].sort()) {
    setField(result, field, mergeNodes(entry(result, field), entry(patch, field), schema?.field(field), lookup));
  }
  return result;
}

/** The map that the fields are merged into; undefined when it goes away. */
function chooseMap(target: YamlNode | undefined, patch: YamlNode | undefined): YamlNode | undefined {
  if (isMissing(target)) {
    if (patch?.kind === 'map' && mapDirective(patch, true) === 'delete') return undefined;
    if (patch === undefined && target !== undefined && (target as YamlNode).value !== '') {
      const kept = scalar((target as YamlNode).value, TAG.null);
      KEPT_NULLS.add(kept);
      return kept;
    }
    return patch;
  }
  if (patch !== undefined && isNull(patch)) return undefined;
  switch (patch && mapDirective(patch, false)) {
    case 'delete':
      return undefined;
    case 'replace':
      return patch;
    default:
      return target;
  }
}

function mergeLists(
  target: YamlNode | undefined,
  patch: YamlNode | undefined,
  schema: MergeSchema,
  lookup: SchemaLookup,
): YamlNode | undefined {
  const result = chooseList(target, patch);
  if (result === undefined) return undefined;
  const elements = schema.elements();
  return mergeKeyedList(result, patch, schema.mergeKeys!, (a, b) => mergeNodes(a, b, elements, lookup));
}

function chooseList(target: YamlNode | undefined, patch: YamlNode | undefined): YamlNode | undefined {
  if (isMissing(target)) return patch;
  if (patch !== undefined && isNull(patch)) return undefined;
  switch (patch && listDirective(patch)) {
    case 'delete':
      return undefined;
    case 'replace':
      return patch;
    default:
      return target;
  }
}

type Directive = 'delete' | 'replace' | 'merge';
const KEY = '$patch';

function directiveOf(value: string): Directive {
  if (value === 'delete' || value === 'replace' || value === 'merge') return value;
  throw new KustomizeError(`unknown patch strategy '${value}'`);
}

/** Takes the directive out of a patch map (KZE-719). */
function mapDirective(patch: YamlNode, tolerant: boolean): Directive {
  const found = entry(patch, KEY);
  if (isMissing(found)) return 'merge';
  if (tolerant && !/^(delete|replace|merge)$/.test(found.value)) return 'merge';
  const directive = directiveOf(found.value);
  patch.entries.delete(KEY);
  return directive;
}

/** Takes the directive out of a patch list: an element that consists only of it (KZE-721). */
function listDirective(patch: YamlNode): Directive {
  const element = patch.items.find((item) => entry(item, KEY) !== undefined);
  if (element === undefined || element.entries.size > 1) return 'merge';
  const value = entry(element, KEY)!.value;
  const directive = directiveOf(value);
  patch.items = patch.items.filter(
    (item) =>
      !isMissing(item) && !(item.kind === 'map' && (item.entries.size === 0 || entry(item, KEY)?.value === value)),
  );
  return directive;
}
