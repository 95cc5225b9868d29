/** `metav1.Table` and `metav1.PartialObjectMetadata`: the shortened forms in which clients may ask for objects. */
import type { KubeJson } from '../object/json.ts';
import type { Resource } from '../resource/resource.ts';

/** How a client wants objects. */
export type Form = 'object' | 'table' | 'metadata';

export function partialMetadata(object: KubeJson, version = 'v1'): object {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata: object.metadata };
}

/** What each row carries besides its cells. */
export type Include = 'None' | 'Metadata' | 'Object';

export interface ListMetadata {
  resourceVersion?: string;
  continue?: string;
  remainingItemCount?: number;
}

/** A table of objects. Watch events leave the column definitions out after the first: clients know them by then. */
export function table(
  resource: Resource,
  objects: readonly KubeJson[],
  metadata: ListMetadata,
  include: Include,
  withColumns = true,
): object {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: withColumns
      ? resource.columns.map(({ name, type, format, description, priority }) => ({
          name,
          type,
          format: format ?? '',
          description: description ?? '',
          priority,
        }))
      : [],
    rows: objects.map((object) => ({
      cells: resource.columns.map((column) => column.cell(object) ?? null),
      object: include === 'None' ? null : include === 'Object' ? object : partialMetadata(object),
    })),
  };
}
