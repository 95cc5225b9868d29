import { type ResourceType, type UnstructuredObject } from '@gitops-toolkit/api';
import { inventoryId, type InventoryEntry } from '../inventory/inventory.ts';
import { refText, type ObjectRef } from '../object/object.ts';

/** What happened to an object (KUS-261). */
export type ChangeAction = 'created' | 'configured' | 'unchanged' | 'deleted' | 'skipped' | 'unknown';

/** One object and what happened to it. */
export interface Change extends ObjectRef {
  action: ChangeAction;
  /** The object as the API server last returned it, when it did; read-only. */
  object?: UnstructuredObject;
  /** A Job that is deleted after it finished, so that its absence is success (KUS-291). */
  expires?: boolean;
}

/** A change of an applied object; its kind has been looked up. */
export interface AppliedChange extends Change {
  type: ResourceType;
}

/** `<ref> <action>`, the line of an object in events and errors (KUS-261). */
export function changeText(change: Change): string {
  return `${refText(change)} ${change.action}`;
}

/** The lines of everything that was written or removed. */
export function changeLog(changes: readonly Change[]): string {
  return changes
    .filter(({ action }) => action !== 'unchanged' && action !== 'skipped')
    .map(changeText)
    .join('\n');
}

/** The inventory after an apply: every object in the order of changes, skipped ones too (KUS-19, KUS-20). */
export function inventoryOf(changes: readonly Change[]): InventoryEntry[] {
  return changes.map(({ type, key }) => ({ id: inventoryId(type, key), v: type.version }));
}
