import { KustomizeError } from '../errors.ts';
import { idText } from '../resource/id.ts';
import { type ResourceList } from '../resource/list.ts';
import { currentId, nameOf, namespaceOf, type Resource } from '../resource/resource.ts';
import { compareText } from '../resource/order.ts';
import { metadataMap, setField, setMetadataMap, setMetadataText } from '../yaml/edit.ts';
import { TAG, map, scalar, type YamlNode } from '../yaml/node.ts';

/**
 * Adds a generated object to the list, or lets it merge into or replace the one with its id (KZE-592 to KZE-596).
 *
 * @throws {KustomizeError} KZE-357 to KZE-359.
 */
export function absorb(list: ResourceList, generated: Resource, originAnnotation: string): void {
  const id = currentId(generated);
  const matches = list.matchingAny(id);
  const behavior = generated.behavior;
  const changes = behavior === 'merge' || behavior === 'replace';
  if (matches.length === 0) {
    if (changes) throw new KustomizeError(`id ${idText(id)} does not exist; cannot merge or replace`);
    list.append(generated);
    return;
  }
  if (matches.length > 1) {
    const found = matches.map((match) => idText(currentId(match))).join(', ');
    throw new KustomizeError(`found multiple objects [${found}] that could accept merge of ${idText(id)}`);
  }
  if (!changes) {
    const shown = behavior === 'create' ? 'create' : 'unspecified';
    throw new KustomizeError(
      `id ${idText(id)} exists; can not use behavior: '${shown}', behavior must be merge or replace`,
    );
  }
  const old = matches[0]!;
  takePlaceOf(generated, old);
  if (behavior === 'merge') {
    mergeData(generated.root, old.root, 'data');
    mergeData(generated.root, old.root, 'binaryData');
    keepAnnotation(generated.root, old.root, originAnnotation);
  }
  list.items[list.items.indexOf(old)] = generated;
  list.invalidate();
}

/** Name, namespace, bookkeeping of the old object; labels and annotations of both, the new ones winning (KZE-594). */
function takePlaceOf(generated: Resource, old: Resource): void {
  for (const field of ['labels', 'annotations'] as const) {
    setMetadataMap(
      generated.root,
      field,
      new Map([...metadataMap(old.root, field), ...metadataMap(generated.root, field)]),
    );
  }
  setMetadataText(generated.root, 'name', nameOf(old));
  const namespace = namespaceOf(old);
  if (namespace === '') generated.root.entries.get('metadata')?.entries.delete('namespace');
  else setMetadataText(generated.root, 'namespace', namespace);
  generated.previous = old.previous;
  generated.prefixes = old.prefixes;
  generated.suffixes = old.suffixes;
  generated.behavior = old.behavior;
  generated.needsHash &&= old.needsHash;
  generated.vars = old.vars;
}

function mergeData(target: YamlNode, old: YamlNode, field: 'data' | 'binaryData'): void {
  const merged = new Map<string, string>();
  for (const source of [old, target]) {
    for (const [key, value] of source.entries.get(field)?.entries ?? []) merged.set(key, value.value);
  }
  target.entries.delete(field);
  if (merged.size === 0) return;
  const data = map();
  for (const key of [...merged.keys()].sort(compareText)) {
    const value = merged.get(key)!;
    setField(data, key, scalar(value, TAG.string, value.includes('\n')));
  }
  target.entries.set(field, data);
}

function keepAnnotation(target: YamlNode, old: YamlNode, key: string): void {
  const kept = metadataMap(old, 'annotations').get(key);
  if (kept === undefined) return;
  setMetadataMap(target, 'annotations', metadataMap(target, 'annotations').set(key, kept));
}
