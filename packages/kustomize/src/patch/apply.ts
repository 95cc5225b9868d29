import { KustomizeError, messageOf } from '../errors.ts';
import { nameOf, namespaceOf, kindOf, rememberId, type Resource } from '../resource/resource.ts';
import { fromPlain, toPlain } from '../yaml/data.ts';
import { setField, setMetadataText } from '../yaml/edit.ts';
import { assign, copy, isEmpty, map, scalar, type YamlNode } from '../yaml/node.ts';
import { idText } from '../resource/id.ts';
import { currentId } from '../resource/resource.ts';
import { applyOperations, type Operation } from './json-patch.ts';
import { strategicMerge } from './strategic-merge.ts';
import { type SchemaLookup } from './schema/types.ts';

export interface PatchOptions {
  allowNameChange?: boolean;
  allowKindChange?: boolean;
}

/**
 * Merges a patch into an object, which keeps its namespace and, unless the options allow otherwise, its name and kind
 * (KZE-696, KZE-697). A deleted object is left empty.
 */
export function applyStrategicMerge(
  resource: Resource,
  patch: YamlNode,
  lookup: SchemaLookup,
  options: PatchOptions,
): void {
  const [name, namespace, kind] = [nameOf(resource), namespaceOf(resource), kindOf(resource)];
  if (options.allowNameChange || options.allowKindChange) rememberId(resource);
  let merged: YamlNode | undefined;
  try {
    merged = strategicMerge(resource.root, copy(patch), lookup);
  } catch (error) {
    throw new KustomizeError(`${messageOf(error)} (patching ${idText(currentId(resource))})`, { cause: error });
  }
  if (merged === undefined) assign(resource.root, map());
  if (isEmpty(resource.root)) return;
  if (!options.allowKindChange) setField(resource.root, 'kind', scalar(kind));
  if (!options.allowNameChange) setMetadataText(resource.root, 'name', name);
  if (namespace === '') resource.root.entries.get('metadata')?.entries.delete('namespace');
  else setMetadataText(resource.root, 'namespace', namespace);
}

/** Applies JSON patch operations to an object, which takes canonical form (KZE-755, KZE-756). */
export function applyJsonPatch(resource: Resource, operations: readonly Operation[]): void {
  let result: unknown;
  try {
    result = applyOperations(toPlain(resource.root), operations);
  } catch (error) {
    throw new KustomizeError(`${messageOf(error)} (JSON patch of ${idText(currentId(resource))})`, { cause: error });
  }
  const root = fromPlain(result);
  if (root.kind !== 'map') throw new KustomizeError(`JSON patch leaves no object of ${idText(currentId(resource))}`);
  assign(resource.root, root);
}
