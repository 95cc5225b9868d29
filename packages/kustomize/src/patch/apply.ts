import { KustomizeError, messageOf } from '../errors.ts';
import { nameOf, namespaceOf, kindOf, rememberId, type Resource } from '../resource/resource.ts';
import { fromPlain, toPlain } from '../yaml/data.ts';
import { mapAt, setField, setMetadataText } from '../yaml/edit.ts';
import { TAG, assign, copy, entry, isEmpty, map, scalar, type YamlNode } from '../yaml/node.ts';
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
 * Stands for the bookkeeping annotations that the reference keeps on objects: thanks to them `metadata.annotations` exists
 * when a patch looks for it, and a patch that throws the annotations away makes the object forget its earlier ids.
 */
const BOOKKEEPING = 'internal.config.kubernetes.io/bookkeeping';

function hasBookkeeping(resource: Resource): boolean {
  return (
    resource.previous.length > 0 || resource.prefixes.length > 0 || resource.suffixes.length > 0 || resource.generated
  );
}

/** Runs a patch with the bookkeeping in place; tells whether it was still there afterwards. */
function withBookkeeping(resource: Resource, patch: () => void): boolean {
  if (!hasBookkeeping(resource)) {
    patch();
    return true;
  }
  const annotations = mapAt(resource.root, ['metadata', 'annotations']);
  if (annotations?.kind === 'map') annotations.entries.set(BOOKKEEPING, scalar('', TAG.string, true));
  patch();
  const after = entry(entry(resource.root, 'metadata'), 'annotations');
  const kept = annotations?.kind !== 'map' || after?.entries.has(BOOKKEEPING) === true;
  if (after?.kind === 'map') {
    after.entries.delete(BOOKKEEPING);
    if (after.entries.size === 0) entry(resource.root, 'metadata')!.entries.delete('annotations');
  }
  return kept;
}

function forget(resource: Resource): void {
  resource.previous = [];
  resource.prefixes = [];
  resource.suffixes = [];
  resource.behavior = '';
  resource.needsHash = false;
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
  try {
    const kept = withBookkeeping(resource, () => {
      const merged = strategicMerge(resource.root, copy(patch), lookup);
      if (merged === undefined) assign(resource.root, map());
    });
    if (!kept) forget(resource);
  } catch (error) {
    throw new KustomizeError(`${messageOf(error)} (patching ${idText(currentId(resource))})`, { cause: error });
  }
  if (isEmpty(resource.root)) return;
  if (!options.allowKindChange) setField(resource.root, 'kind', scalar(kind));
  if (!options.allowNameChange) setMetadataText(resource.root, 'name', name);
  if (namespace === '') resource.root.entries.get('metadata')?.entries.delete('namespace');
  else setMetadataText(resource.root, 'namespace', namespace);
}

/**
 * Applies JSON patch operations to an object, which takes canonical form (KZE-755, KZE-756). Bookkeeping survives whatever
 * the operations do (KZE-699).
 */
export function applyJsonPatch(resource: Resource, operations: readonly Operation[]): void {
  withBookkeeping(resource, () => {
    let result: unknown;
    try {
      result = applyOperations(toPlain(resource.root), operations);
    } catch (error) {
      throw new KustomizeError(`${messageOf(error)} (JSON patch of ${idText(currentId(resource))})`, { cause: error });
    }
    const root = fromPlain(result);
    if (root.kind !== 'map') throw new KustomizeError(`JSON patch leaves no object of ${idText(currentId(resource))}`);
    assign(resource.root, root);
  });
}
