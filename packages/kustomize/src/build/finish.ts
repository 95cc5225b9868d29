import { KustomizeError } from '../errors.ts';
import { fieldSpec } from '../fieldspec/types.ts';
import { type SortOptions } from '../kustomization/types.ts';
import { ORDER_FIRST, ORDER_LAST, compareIds, kindRanks } from '../resource/order.ts';
import { type ResourceList } from '../resource/list.ts';
import { currentId, validateObject, type Resource } from '../resource/resource.ts';
import { labelsStep } from '../transform/metadata.ts';
import { entry } from '../yaml/node.ts';
import { metadataMap, setMetadataMap } from '../yaml/edit.ts';
import { type BuildContext } from './context.ts';
import { KUSTOMIZE_VERSION, type BuildOptions } from './options.ts';
import { ORIGIN_ANNOTATION, TRANSFORMATIONS_ANNOTATION } from './origin.ts';

const LOCAL_CONFIG = 'config.kubernetes.io/local-config';

/** Drops objects that only serve the build (KZE-505), and checks what is left (KZE-507). */
export function dropLocalConfigs(list: ResourceList, options: BuildOptions): void {
  list.recheck();
  for (const resource of list.items) validateObject(resource.root, resource.place);
  if (options.includeLocalConfigs) return;
  list.items = list.items.filter((resource) => {
    const mark = metadataMap(resource.root, 'annotations').get(LOCAL_CONFIG);
    return mark === undefined || mark === 'false';
  });
  list.invalidate();
}

/** Applies the order that the file or the caller asks for (KZE-920, KZE-924). */
export function sortObjects(
  list: ResourceList,
  sortOptions: SortOptions | undefined,
  reorder: BuildOptions['reorder'],
): void {
  const order = sortOptions ? sortOptions.order : reorder === 'legacy' || reorder === 'unspecified' ? 'legacy' : 'fifo';
  if (order !== 'fifo' && order !== 'legacy') {
    throw new KustomizeError("the field 'sortOptions.order' must be one of [fifo, legacy]");
  }
  const legacy = sortOptions?.legacySortOptions;
  if (order === 'fifo') {
    if (legacy) {
      throw new KustomizeError(
        "the field 'sortOptions.legacySortOptions' is set but the selected sort order is 'fifo', not 'legacy'",
      );
    }
    return;
  }
  const ranks = legacy
    ? kindRanks(legacy.orderFirst ?? [], legacy.orderLast ?? [])
    : kindRanks(ORDER_FIRST, ORDER_LAST);
  const keyed = list.items.map((resource) => ({ resource, id: currentId(resource) }));
  list.items = keyed.sort((a, b) => compareIds(a.id, b.id, ranks)).map(({ resource }) => resource);
}

const MANAGED_BY = fieldSpec({ path: 'metadata/labels', create: true });

export function addManagedBy(list: ResourceList): void {
  labelsStep({ 'app.kubernetes.io/managed-by': `kustomize-${KUSTOMIZE_VERSION}` }, [MANAGED_BY]).run(list);
}

const INTERNAL = 'internal.config.kubernetes.io/';
/** Annotations that the reference implementation uses for itself (KZE-202). */
const BOOKKEEPING: readonly string[] = [
  ...[
    ...['previousKinds', 'previousNames', 'previousNamespaces', 'prefixes', 'suffixes', 'allowNameChange'],
    ...['allowKindChange', 'refBy', 'generatorBehavior', 'needsHashSuffix', 'path', 'index', 'seqindent', 'id'],
    ...['annotations-migration-resource-id', 'helm-generated'],
  ].map((key) => INTERNAL + key),
  'config.kubernetes.io/path',
  'config.kubernetes.io/index',
  'config.k8s.io/id',
];

/** Takes bookkeeping and unwanted origin annotations off; the other annotations come out as strings (KZE-202 to KZE-206). */
export function stripAnnotations(resource: Resource, context: BuildContext): void {
  const origins = context.metadata.has('originAnnotations');
  const transformations = context.metadata.has('transformerAnnotations');
  const annotations = metadataMap(resource.root, 'annotations');
  const found = entry(entry(resource.root, 'metadata'), 'annotations');
  if (origins && transformations && found === undefined) return;
  for (const key of BOOKKEEPING) annotations.delete(key);
  if (!origins) annotations.delete(ORIGIN_ANNOTATION);
  if (!transformations) annotations.delete(TRANSFORMATIONS_ANNOTATION);
  setMetadataMap(resource.root, 'annotations', annotations);
}
