import { type ManagedFieldsEntry, type ObjectMeta } from '@gitops-toolkit/api';
import { jsonDigest } from '../object/digest.ts';

/**
 * A digest of what `manager` owns by apply, and since when; undefined when it owns nothing.
 *
 * While it is the same, nobody has changed a field that the manager applied: the API server moves the ownership of a
 * field to whoever changes its value or removes it, and renews the time of the entry on an apply under the same name.
 * So when the desired form is the same too, an apply would find nothing to do, whatever became of the rest of the
 * object. Metadata alone is enough to know that.
 */
export function ownershipDigest(metadata: ObjectMeta, manager: string): string | undefined {
  const entries = appliedEntries(metadata, manager);
  if (entries.length === 0) return undefined;
  return jsonDigest(entries.map(({ apiVersion, time, fieldsV1 }) => ({ apiVersion, time, fieldsV1 })));
}

/** What `manager` owns by apply. */
export function ownedFields(metadata: ObjectMeta, manager: string): unknown[] {
  return appliedEntries(metadata, manager).map(({ apiVersion, fieldsV1 }) => ({ apiVersion, fieldsV1 }));
}

function appliedEntries(metadata: ObjectMeta, manager: string): ManagedFieldsEntry[] {
  return (metadata.managedFields ?? []).filter(
    (entry) => entry.manager === manager && entry.operation === 'Apply' && !entry.subresource,
  );
}
