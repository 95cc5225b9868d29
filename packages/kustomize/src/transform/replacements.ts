import { KustomizeError, messageOf } from '../errors.ts';
import { loadText, type Loader } from '../build/loader.ts';
import { REPLACEMENT } from '../kustomization/fields.ts';
import { parseData } from '../kustomization/parse.ts';
import { decode } from '../kustomization/shape.ts';
import {
  type ReplacementEntry,
  type ReplacementOptions,
  type ReplacementSource,
  type ReplacementTarget,
  type Selector,
} from '../kustomization/types.ts';
import { matchPath } from '../replacement/match.ts';
import { lookupPath, splitFieldPath } from '../replacement/path.ts';
import { setInText } from '../replacement/structured.ts';
import { gvkText, selectedByGvk, type ResourceId } from '../resource/id.ts';
import { currentId, previousIds, type Resource } from '../resource/resource.ts';
import { idMatcher, metadataMatcher } from '../resource/selector.ts';
import { assign, copy, isEmpty, scalar, type YamlNode } from '../yaml/node.ts';
import { type Step } from './step.ts';

const DEFAULT_PATH = 'metadata.name';

/** Copies values between fields of the objects (KZE-800 to KZE-816). */
export function replacementsStep(entries: readonly ReplacementEntry[], loader: Loader): Step {
  const replacements = entries.flatMap((entry) => expandEntry(entry, loader));
  return {
    kind: 'ReplacementTransformer',
    run(list) {
      for (const replacement of replacements) replace(list.items, replacement);
      list.invalidate();
    },
  };
}

function expandEntry(entry: ReplacementEntry, loader: Loader): ReplacementEntry[] {
  if (!entry.path) return [entry];
  if (entry.source || entry.targets?.length)
    throw new KustomizeError('cannot specify both path and inline replacement');
  const data = parseData(loadText(loader, entry.path), entry.path);
  if (typeof data !== 'object' || data === null) {
    throw new KustomizeError(`unsupported replacement type encountered within replacement path: ${entry.path}`, {
      file: entry.path,
    });
  }
  const list = Array.isArray(data) ? data : [data];
  return list.map((item) => (decode(item, REPLACEMENT, { lenient: true }) ?? {}) as ReplacementEntry);
}

function replace(resources: readonly Resource[], { source, sourceValue, targets }: ReplacementEntry): void {
  if ((source === undefined && sourceValue === undefined) || targets === undefined) {
    throw new KustomizeError('replacements must specify a source and at least one target');
  }
  if (source !== undefined && sourceValue !== undefined) {
    throw new KustomizeError('value and resource selectors are mutually exclusive');
  }
  const value = source ? readSource(resources, source) : scalar(sourceValue!);
  for (const target of targets) applyTo(resources, value, target);
}

/** Current id first, then previous ones; scope plays no part here. */
function idsOf(resource: Resource): ResourceId[] {
  return [currentId(resource), ...previousIds(resource)];
}

function storedNamespace(id: ResourceId, current: boolean): string {
  return id.cluster && !current ? '_non_namespaceable_' : id.namespace;
}

function readSource(resources: readonly Resource[], source: ReplacementSource): YamlNode {
  const wanted = { group: source.group ?? '', version: source.version ?? '', kind: source.kind ?? '' };
  const orDefault = (namespace: string) => namespace || 'default';
  const found = resources.filter((resource) =>
    idsOf(resource).some(
      (id, i) =>
        (!source.name || source.name === id.name) &&
        (!source.namespace || orDefault(source.namespace) === orDefault(storedNamespace(id, i === 0))) &&
        selectedByGvk(id, wanted),
    ),
  );
  const text = `${gvkText(wanted)}/${source.name || '[noName]'}.${source.namespace || '[noNs]'}`;
  const fieldPath = source.fieldPath || DEFAULT_PATH;
  const selector = source.fieldPath ? `${text}:${fieldPath}` : text;
  if (found.length > 1) throw new KustomizeError(`multiple matches for selector ${selector}`);
  if (found.length === 0) throw new KustomizeError(`nothing selected by ${selector}`);
  let node: YamlNode | undefined;
  try {
    node = lookupPath(found[0]!.root, splitFieldPath(fieldPath));
  } catch (error) {
    throw new KustomizeError(`error looking up replacement source: ${messageOf(error)}`, { cause: error });
  }
  const emptyText = node?.kind === 'scalar' && node.value === '' && node.quoted;
  if (node === undefined || (isEmpty(node) && !emptyText)) {
    throw new KustomizeError(`fieldPath \`${fieldPath}\` is missing for replacement source ${text}`);
  }
  return refine(node, source.options);
}

function refine(node: YamlNode, options: ReplacementOptions | undefined): YamlNode {
  if (!options?.delimiter) return node;
  if (node.kind !== 'scalar') throw new KustomizeError('delimiter option can only be used with scalar nodes');
  const parts = node.value.split(options.delimiter);
  const index = options.index ?? 0;
  const part = parts[index];
  if (index < 0 || part === undefined) {
    throw new KustomizeError(`options.index ${index} is out of bounds for value ${node.value}`);
  }
  return { ...node, value: part };
}

function applyTo(resources: readonly Resource[], value: YamlNode, target: ReplacementTarget): void {
  if (!target.select) throw new KustomizeError('target must specify resources to select');
  const chosen = targetMatcher(target.select, target.reject ?? []);
  const paths = target.fieldPaths?.length ? target.fieldPaths : [DEFAULT_PATH];
  for (const resource of resources) {
    if (!chosen(resource)) continue;
    for (const path of paths) write(resource, path, value, target.options ?? {});
  }
}

/** KZE-805 and KZE-806. */
function targetMatcher(select: Selector, rejects: readonly Selector[]): (resource: Resource) => boolean {
  const matchesId = (selector: Selector) => {
    const id = idMatcher(selector);
    return (other: ResourceId, current: boolean) =>
      id.gvk(other) && id.name(other.name) && id.namespace(storedNamespace(other, current));
  };
  const selects = matchesId(select);
  const metadata = metadataMatcher(select);
  const rejectedIds = rejects
    .filter(({ group, version, kind, name, namespace }) => group || version || kind || name || namespace)
    .map(matchesId);
  const rejectedMetadata = rejects.filter((r) => r.labelSelector || r.annotationSelector).map(metadataMatcher);
  return (resource) => {
    const ids = idsOf(resource);
    return (
      ids.some((id, i) => selects(id, i === 0)) &&
      metadata(resource) &&
      !rejectedMetadata.some((rejected) => rejected(resource)) &&
      !rejectedIds.some((rejected) => ids.some((id, i) => rejected(id, i === 0)))
    );
  };
}

function write(resource: Resource, fieldPath: string, value: YamlNode, options: ReplacementOptions): void {
  const path = splitFieldPath(fieldPath);
  const create = options.create ? value.kind : undefined;
  if (setInText(resource.root, path, value, create)) return;
  const what = `unable to find ${create ? 'or create ' : ''}field "${fieldPath}" in replacement target`;
  let fields: YamlNode[];
  try {
    fields = matchPath(resource.root, path, create);
  } catch (error) {
    throw new KustomizeError(`${what}: ${messageOf(error)}`, { cause: error });
  }
  if (fields.length === 0) throw new KustomizeError(what);
  for (const field of fields) setValue(field, copy(value), options);
}

/** Only text goes into a scalar; anything else is replaced as a whole (KZE-810, KZE-811). */
function setValue(field: YamlNode, value: YamlNode, { delimiter, index = 0 }: ReplacementOptions): void {
  if (delimiter) {
    if (field.kind !== 'scalar') throw new KustomizeError('delimiter option can only be used with scalar nodes');
    const parts = field.value.split(delimiter);
    if (index < 0) parts.unshift(value.value);
    else if (index >= parts.length) parts.push(value.value);
    else parts[index] = value.value;
    value.value = parts.join(delimiter);
  }
  if (field.kind === 'scalar') field.value = value.value;
  else assign(field, value);
}
