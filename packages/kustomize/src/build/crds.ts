import { KustomizeError, messageOf, prefixed } from '../errors.ts';
import { NO_TABLES } from '../fieldspec/defaults.ts';
import { mergeSpecs, mergeTables } from '../fieldspec/merge.ts';
import { fieldSpec, type FieldTables } from '../fieldspec/types.ts';
import { parseData } from '../kustomization/parse.ts';
import { splitApiVersion } from '../resource/id.ts';
import { loadText, type Loader } from './loader.ts';

type Json = Record<string, unknown>;

/**
 * Adds the rows that OpenAPI type maps of custom kinds imply (KZE-872 to KZE-874).
 *
 * @throws {KustomizeError} for unreadable files and conflicting rows.
 */
export function crdTables(loader: Loader, files: readonly string[], tables: FieldTables): FieldTables {
  let result = tables;
  for (const file of files) {
    const types = readTypes(loader, file);
    const found = { ...NO_TABLES };
    for (const [name, properties] of types) {
      if (!properties.kind || !properties.apiVersion || !properties.metadata) continue;
      collect(types, properties, name.slice(name.lastIndexOf('.') + 1), [], new Set([name]), found);
    }
    try {
      result = mergeTables(result, found);
    } catch (error) {
      throw prefixed('merging CRDs', error);
    }
  }
  return result;
}

function readTypes(loader: Loader, file: string): Map<string, Json> {
  let data: unknown;
  try {
    data = parseData(loadText(loader, file), file);
  } catch (error) {
    throw new KustomizeError(`unable to read CRD file '${file}': ${messageOf(error)}`, { file, cause: error });
  }
  const types = new Map<string, Json>();
  for (const [name, type] of Object.entries(asMap(data))) {
    const schema = asMap(asMap(type).Schema ?? asMap(type).schema);
    types.set(name, asMap(schema.properties));
  }
  return types;
}

function asMap(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

/** Follows the properties of a type; a type that is already on the path ends the walk (KZE-874). */
function collect(
  types: Map<string, Json>,
  properties: Json,
  kind: string,
  path: string[],
  seen: Set<string>,
  into: FieldTables,
): void {
  for (const [name, value] of Object.entries(properties)) {
    const property = asMap(value);
    const at = [...path, name.replaceAll('/', '\\/')];
    const row = (field: string[]) => fieldSpec({ kind, path: field.join('/') });
    if ('x-kubernetes-annotation' in property) into.commonAnnotations = mergeSpecs(into.commonAnnotations, [row(at)]);
    if ('x-kubernetes-label-selector' in property) into.commonLabels = mergeSpecs(into.commonLabels, [row(at)]);
    if ('x-kubernetes-identity' in property) into.namePrefix = mergeSpecs(into.namePrefix, [row(at)]);
    const apiVersion = property['x-kubernetes-object-ref-api-version'];
    const target = property['x-kubernetes-object-ref-kind'];
    if (typeof apiVersion === 'string' && typeof target === 'string') {
      const key = property['x-kubernetes-object-ref-name-key'];
      const spec = row([...at, typeof key === 'string' ? key : 'name']);
      const reference = { ...splitApiVersion(apiVersion), kind: target, fieldSpecs: [spec] };
      into.nameReference = [...into.nameReference, reference];
    }
    const ref = property.$ref;
    const next = typeof ref === 'string' ? types.get(ref.replace('#/definitions/', '')) : undefined;
    if (next !== undefined && typeof ref === 'string' && !seen.has(ref)) {
      collect(types, next, kind, at, new Set([...seen, ref]), into);
    }
  }
}
