import { type ManagedFieldsEntry, type ObjectMeta, type UnstructuredObject } from '@gitops-toolkit/api';
import { type JsonPatchOperation } from '@gitops-toolkit/kube';
import { unionFields } from './field-set.ts';

/** A field manager whose fields are taken over; names match by prefix (KUS-252). */
export interface ForeignManager {
  name: string;
  operation: 'Apply' | 'Update';
}

/** What is removed from live objects before they are compared. */
export interface Cleanup {
  managers: readonly ForeignManager[];
  annotations: readonly string[];
  labels: readonly string[];
}

/** The manager that users of client-side apply keep on purpose (KUS-254). */
const preservedManager = 'flux-client-side-apply';

/**
 * The cleanup of the toolkit: traces of kubectl, of an earlier client-side apply by `fieldManager`, and of each
 * `overrideManagers` are taken over (KUS-251, KUS-252).
 */
export function standardCleanup(fieldManager: string, overrideManagers: readonly string[] = []): Cleanup {
  const both = (name: string): ForeignManager[] => [
    { name, operation: 'Apply' },
    { name, operation: 'Update' },
  ];
  return {
    managers: [
      ...both('kubectl'),
      { name: 'before-first-apply', operation: 'Update' },
      { name: fieldManager, operation: 'Update' },
      ...overrideManagers.flatMap(both),
    ],
    annotations: [
      'kubectl.kubernetes.io/last-applied-configuration',
      'kustomize.toolkit.fluxcd.io/checksum',
      'fluxcd.io/sync-checksum',
    ],
    labels: ['fluxcd.io/sync-gc-mark'],
  };
}

/** The JSON patch that cleans a live object with this metadata up; empty when there is nothing to clean (KUS-256). */
export function cleanupPatch(live: ObjectMeta, cleanup: Cleanup, fieldManager: string): JsonPatchOperation[] {
  const { annotations = {}, labels = {}, managedFields } = live;
  const patch: JsonPatchOperation[] = [];
  for (const key of cleanup.annotations) {
    if (Object.hasOwn(annotations, key)) patch.push({ op: 'remove', path: `/metadata/annotations/${escape(key)}` });
  }
  for (const key of cleanup.labels) {
    if (Object.hasOwn(labels, key)) patch.push({ op: 'remove', path: `/metadata/labels/${escape(key)}` });
  }
  const entries = takeOver(managedFields ?? [], cleanup.managers, fieldManager);
  if (entries) patch.push({ op: 'replace', path: '/metadata/managedFields', value: entries });
  return patch;
}

/** The JSON patch that moves every managedFields entry to another API version; empty when all are there. */
export function migrationPatch(live: UnstructuredObject, apiVersion: string): JsonPatchOperation[] {
  const entries = live.metadata.managedFields ?? [];
  if (entries.every((entry) => entry.apiVersion === apiVersion)) return [];
  const value = entries.map((entry) => ({ ...entry, apiVersion }));
  return [{ op: 'replace', path: '/metadata/managedFields', value }];
}

/** Entries in which `fieldManager` owns what the foreign managers owned; undefined when they own nothing (KUS-253). */
function takeOver(
  entries: readonly ManagedFieldsEntry[],
  managers: readonly ForeignManager[],
  fieldManager: string,
): ManagedFieldsEntry[] | undefined {
  const isOwn = (entry: ManagedFieldsEntry) =>
    entry.manager === fieldManager && entry.operation === 'Apply' && !entry.subresource;
  const isForeign = (entry: ManagedFieldsEntry) =>
    !isOwn(entry) &&
    !entry.subresource &&
    entry.manager !== preservedManager &&
    managers.some(({ name, operation }) => entry.operation === operation && entry.manager?.startsWith(name));

  const foreign = entries.filter(isForeign);
  const [first] = foreign;
  if (!first) return undefined;
  const own = entries.find(isOwn) ?? { ...first, manager: fieldManager, operation: 'Apply' as const, fieldsV1: {} };
  const fieldsV1 = foreign.reduce((fields, entry) => unionFields(fields, entry.fieldsV1), own.fieldsV1);
  return [...entries.filter((entry) => !isOwn(entry) && !isForeign(entry)), { ...own, fieldsV1 }];
}

function escape(segment: string): string {
  return segment.replaceAll('~', '~0').replaceAll('/', '~1');
}
