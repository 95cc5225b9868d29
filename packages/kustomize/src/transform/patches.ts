import { KustomizeError, messageOf } from '../errors.ts';
import { loadText, tryLoadText, type Loader } from '../build/loader.ts';
import { type PatchEntry, type Selector } from '../kustomization/types.ts';
import { applyJsonPatch, applyStrategicMerge, type PatchOptions } from '../patch/apply.ts';
import { parseOperations, parsePatch, type ParsedPatch } from '../patch/parse.ts';
import { type TypeKnowledge } from '../patch/schema/types.ts';
import { idKey, idText } from '../resource/id.ts';
import { type ResourceList } from '../resource/list.ts';
import { parseResources } from '../resource/parse.ts';
import { allIds, currentId, rememberId, type Resource } from '../resource/resource.ts';
import { select } from '../resource/selector.ts';
import { copy, isEmpty, scalar, TAG, type YamlNode } from '../yaml/node.ts';
import { metadataMap, setField, setMetadataMap } from '../yaml/edit.ts';
import { type Step } from './step.ts';

/** An entry of `patches` (KZE-690 to KZE-699). */
export function patchStep(entry: PatchEntry, loader: Loader, types: TypeKnowledge): Step {
  const inline = (entry.patch ?? '').trim();
  if (inline === '' && !entry.path)
    throw new KustomizeError(`must specify one of patch and path in ${describe(entry)}`);
  if (inline !== '' && entry.path) {
    throw new KustomizeError(`patch and path can't be set at the same time (path: ${entry.path})`);
  }
  const source = entry.path ? `[path: "${entry.path}"]` : `[patch: ${JSON.stringify(inline)}]`;
  const parsed = parsePatch(entry.path ? patchFile(entry.path, loader) : inline, source, {
    file: entry.path,
    scope: types.scope,
  });
  return { kind: 'PatchTransformer', run: (list) => runPatch(list, parsed, entry, source, types) };
}

function describe(entry: PatchEntry): string {
  return entry.target ? `the patches entry for ${selectorText(entry.target)}` : 'a patches entry';
}

function patchFile(path: string, loader: Loader): string {
  const loaded = tryLoadText(loader, path);
  if ('error' in loaded)
    throw new KustomizeError(`failed to get the patch file from path(${path}): ${loaded.error}`, { file: path });
  return loaded.text;
}

function runPatch(
  list: ResourceList,
  parsed: ParsedPatch,
  entry: PatchEntry,
  source: string,
  types: TypeKnowledge,
): void {
  const { target } = entry;
  if (parsed.type === 'json') {
    if (!target) throw new KustomizeError(`must specify a target for JSON patch ${source}`);
    for (const resource of select(list.items, target)) {
      rememberId(resource);
      applyJsonPatch(resource, parsed.operations);
    }
    list.invalidate();
    return;
  }
  const options: PatchOptions = entry.options ?? {};
  if (parsed.patches.length === 0) return;
  if (target) {
    if (parsed.patches.length > 1) {
      throw new KustomizeError(
        `Multiple Strategic-Merge Patches in one \`patches\` entry is not allowed to set \`patches.target\` field: ${source}`,
      );
    }
    for (const resource of selectOrExplain(list, target))
      applyToSelected(resource, parsed.patches[0]!.root, types, options);
    list.recheck();
    return;
  }
  for (const patch of parsed.patches) {
    const resource = targetOf(list, patch, true);
    const changed = changesIds(resource, () => applyStrategicMerge(resource, patch.root, types.schema, options));
    if (changed) list.invalidate();
  }
}

function selectOrExplain(list: ResourceList, target: Selector): Resource[] {
  try {
    return select(list.items, target);
  } catch (error) {
    throw new KustomizeError(
      `unable to find patch target "${selectorText(target)}" in \`resources\`: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
}

function selectorText(target: Selector): string {
  const { group = '', version = '', kind = '', name = '', namespace = '' } = target;
  return `${idText({ group, version, kind, name, namespace })}:a=${target.annotationSelector ?? ''}:l=${target.labelSelector ?? ''}`;
}

/**
 * With a target, the patch counts as being of the object's own type (KZE-695). Its labels and annotations are texts then,
 * even where they are null: a null does not remove a label but sets it to the text of the null.
 */
function applyToSelected(resource: Resource, patch: YamlNode, types: TypeKnowledge, options: PatchOptions): void {
  const fitted = textMetadata(copy(patch));
  const apiVersion = resource.root.entries.get('apiVersion');
  if (apiVersion) setField(fitted, 'apiVersion', scalar(apiVersion.value, TAG.string));
  applyStrategicMerge(resource, fitted, types.schema, options);
}

function textMetadata(patch: YamlNode): YamlNode {
  setMetadataMap(patch, 'labels', metadataMap(patch, 'labels'));
  setMetadataMap(patch, 'annotations', metadataMap(patch, 'annotations'));
  return patch;
}

function targetOf(list: ResourceList, patch: Resource, named: boolean): Resource {
  const id = currentId(patch);
  try {
    return list.theOne(id);
  } catch (error) {
    const prefix = named ? `no resource matches strategic merge patch "${idText(id)}": ` : '';
    throw new KustomizeError(`${prefix}${messageOf(error)}`, { ...patch.place, cause: error });
  }
}

/** Whether the object is known by other ids after the patch, or gone: most patches leave the index of the list alone. */
function changesIds(resource: Resource, patch: () => void): boolean {
  const before = allIds(resource).map(idKey).join();
  patch();
  return isEmpty(resource.root) || allIds(resource).map(idKey).join() !== before;
}

/** All of `patchesStrategicMerge`: inline texts or paths (KZE-700). */
export function strategicMergeStep(
  entries: readonly string[],
  loader: Loader,
  types: TypeKnowledge,
  inline = '',
): Step {
  const patches = entries.flatMap((entry) => readMergePatches(entry, loader, types));
  if (inline !== '') patches.push(...parseResources(inline, { scope: types.scope }));
  if (patches.length === 0) {
    throw new KustomizeError(`patch appears to be empty; files=[${entries.join(' ')}], Patch=${inline}`);
  }
  return {
    kind: 'PatchStrategicMergeTransformer',
    run(list) {
      for (const patch of patches) {
        const resource = targetOf(list, patch, false);
        const fitted = textMetadata(copy(patch.root));
        if (changesIds(resource, () => applyStrategicMerge(resource, fitted, types.schema, {}))) list.recheck();
      }
    },
  };
}

function readMergePatches(entry: string, loader: Loader, { scope }: TypeKnowledge): Resource[] {
  try {
    return parseResources(entry, { scope });
  } catch {
    return parseResources(loadText(loader, entry), { file: entry, scope });
  }
}

export interface Json6902Entry {
  target?: Selector;
  path?: string;
  /** Inline operations. */
  patch?: string;
}

/** An entry of `patchesJson6902` (KZE-701). */
export function json6902Step(entry: Json6902Entry, loader: Loader): Step {
  const target = entry.target;
  if (!target?.name) throw new KustomizeError('must specify the target name');
  if (!entry.path && !entry.patch) throw new KustomizeError('empty file path and empty jsonOp');
  if (entry.path && entry.patch) throw new KustomizeError('must specify a file path or jsonOp, not both');
  const source = entry.path ? loadText(loader, entry.path) : entry.patch!;
  if (source === '')
    throw new KustomizeError(`patch file '${entry.path}' empty seems to be empty`, { file: entry.path });
  const operations = parseOperations(source);
  if (operations.length === 0) throw new KustomizeError(`patch appears to be empty; file=${entry.path ?? ''}`);
  return {
    kind: 'PatchJson6902Transformer',
    run(list) {
      for (const resource of select(list.items, target)) applyJsonPatch(resource, operations);
      list.invalidate();
    },
  };
}
