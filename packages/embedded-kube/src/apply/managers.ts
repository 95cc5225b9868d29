/** `metadata.managedFields`: who owns which fields, read, updated and written. */
import { type ManagedFieldsEntry, schema } from '@gitops-toolkit/api';
import { type JsonObject, type KubeJson, timeText } from '../object/json.ts';
import { applyConflict, badRequest } from '../status/errors.ts';
import { difference, equalSets, type FieldSet, intersection, isEmpty, paths, sorted, union } from './fieldset.ts';
import { compare, type Comparison, fieldSetOf, merge, removeAbandoned } from './typed.ts';

type SchemaNode = schema.SchemaNode;

/** Who writes, and through what. */
export interface Writer {
  manager: string;
  apiVersion: string;
  subresource?: string;
}

interface Owner {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  subresource?: string;
  time?: string;
  fields: FieldSet;
}

/** Update entries beyond this many are merged, oldest first. */
const maxUpdateManagers = 10;

/** Fields that nobody owns. */
const unowned: FieldSet = {
  'f:apiVersion': {},
  'f:kind': {},
  'f:metadata': {
    '.': {},
    'f:name': {},
    'f:namespace': {},
    'f:creationTimestamp': {},
    'f:selfLink': {},
    'f:uid': {},
    'f:generation': {},
    'f:managedFields': {},
    'f:resourceVersion': {},
  },
};

function stripped(fields: FieldSet): FieldSet {
  return difference(fields, unowned);
}

function readOwners(entries: readonly ManagedFieldsEntry[] | undefined): Owner[] {
  return (entries ?? []).map((entry) => ({
    manager: entry.manager ?? '',
    operation: entry.operation ?? 'Update',
    apiVersion: entry.apiVersion ?? '',
    subresource: entry.subresource || undefined,
    time: entry.time,
    fields: (entry.fieldsV1 ?? {}) as FieldSet,
  }));
}

function writeOwners(owners: Owner[]): ManagedFieldsEntry[] | undefined {
  if (owners.length === 0) return undefined;
  const rank = (owner: Owner) => (owner.operation === 'Apply' ? 0 : 1);
  const inOrder = [...owners].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      (a.time ?? '').localeCompare(b.time ?? '') ||
      (a.manager < b.manager ? -1 : a.manager > b.manager ? 1 : 0) ||
      a.apiVersion.localeCompare(b.apiVersion) ||
      (a.subresource ?? '').localeCompare(b.subresource ?? ''),
  );
  return inOrder.map((owner) => ({
    apiVersion: owner.apiVersion,
    fieldsType: 'FieldsV1',
    fieldsV1: owner.fields,
    manager: owner.manager,
    operation: owner.operation,
    ...(owner.subresource ? { subresource: owner.subresource } : {}),
    ...(owner.time ? { time: owner.time } : {}),
  }));
}

/** Entries of one Apply manager are one whatever the version; entries of Update managers differ by version too. */
function isOwner(owner: Owner, writer: Writer, operation: 'Apply' | 'Update'): boolean {
  return (
    owner.operation === operation &&
    owner.manager === writer.manager &&
    owner.subresource === writer.subresource &&
    (operation === 'Apply' || owner.apiVersion === writer.apiVersion)
  );
}

/**
 * `managedFields` of `object` after an update that changed `live` (undefined on create) into it. A client may reset the
 * list by sending it empty, or edit it; `sent` is what it sent. Fields of `present` count as there before.
 */
export function trackUpdate(
  type: SchemaNode | undefined,
  live: KubeJson | undefined,
  object: KubeJson,
  writer: Writer,
  sent: readonly ManagedFieldsEntry[] | undefined,
  present: FieldSet = {},
): ManagedFieldsEntry[] | undefined {
  const reset = sent !== undefined && (sent.length === 0 || (sent.length === 1 && Object.keys(sent[0]!).length === 0));
  const base =
    reset && writer.subresource === undefined
      ? []
      : sent?.length && writer.subresource === undefined
        ? sent
        : live?.metadata.managedFields;
  const owners = readOwners(base);
  // An object that nobody tracks stays untracked until it is applied.
  if (live !== undefined && owners.length === 0) return undefined;
  const changes = compare(type, (live ?? {}) as JsonObject, object as JsonObject);
  const others = giveUp(owners, changes, undefined);
  const gained = difference(stripped(union(changes.modified, changes.added)), present);
  if (!isEmpty(gained)) {
    const mine = others.find((owner) => isOwner(owner, writer, 'Update'));
    const fields = sorted(mine === undefined ? gained : union(mine.fields, gained));
    // The scale endpoint writes its entries without a time.
    const time = writer.subresource === 'scale' ? undefined : timeText();
    const entry: Owner = { ...writer, operation: 'Update', time, fields };
    if (mine === undefined) others.push(entry);
    else others[others.indexOf(mine)] = entry;
  }
  return writeOwners(capped(others));
}

/** Owners after others' fields changed under them: who owned a changed or removed field no longer does. */
function giveUp(owners: Owner[], changes: Comparison, except: Owner | undefined): Owner[] {
  const lost = union(union(changes.modified, changes.added), changes.removed);
  if (isEmpty(lost)) return [...owners];
  return owners
    .map((owner) => (owner === except ? owner : { ...owner, fields: difference(owner.fields, lost) }))
    .filter((owner) => !isEmpty(owner.fields));
}

function capped(owners: Owner[]): Owner[] {
  const updates = owners.filter((owner) => owner.operation === 'Update' && owner.subresource === undefined);
  if (updates.length <= maxUpdateManagers) return owners;
  const oldestFirst = updates.sort((a, b) => (a.time ?? '').localeCompare(b.time ?? ''));
  const folded = oldestFirst.slice(0, updates.length - maxUpdateManagers + 1);
  const ancient: Owner = {
    manager: 'ancient-changes',
    operation: 'Update',
    apiVersion: folded[0]!.apiVersion,
    time: folded.at(-1)!.time,
    fields: sorted(folded.map((owner) => owner.fields).reduce(union)),
  };
  return [...owners.filter((owner) => !folded.includes(owner)), ancient];
}

export interface ApplyResult {
  /** The merged object with its new managedFields, before defaulting. */
  object: KubeJson;
  /** Neither a value nor an owner changed. */
  unchanged: boolean;
}

export interface ApplyOptions extends Writer {
  force: boolean;
}

/**
 * Applies `config` to `live` (an object with only its identity when it does not exist yet). Throws 409 with a cause per
 * conflicting field unless forced.
 */
export function applyConfig(
  type: SchemaNode | undefined,
  live: KubeJson,
  config: KubeJson,
  options: ApplyOptions,
): ApplyResult {
  const writer: Writer = { manager: options.manager, apiVersion: options.apiVersion, subresource: options.subresource };
  const before = readOwners(live.metadata.managedFields);
  const owners = before.length === 0 && live.metadata.uid ? [beforeFirstApply(type, live)] : before;
  const mine = owners.find((owner) => isOwner(owner, writer, 'Apply'));
  const rest = owners.filter((owner) => owner !== mine);

  const configured = fieldSetOf(type, config as JsonObject);
  const fields = stripped(configured);
  if (config.metadata.managedFields !== undefined) throw badRequest('metadata.managedFields must be nil');

  const { managedFields: _, ...metadata } = live.metadata;
  const current = { ...live, metadata } as JsonObject;
  let merged = merge(type, current, config) as JsonObject;
  if (mine !== undefined) {
    const owned = rest.reduce((all, owner) => union(all, owner.fields), configured);
    merged = removeAbandoned(type, merged, mine.fields, owned);
  }
  const changes = compare(type, current, merged);
  const touched = union(changes.modified, changes.added);
  if (!options.force) refuseConflicts(rest, touched);
  const others = giveUp(rest, changes, undefined);

  const sameFields = mine !== undefined && equalSets(mine.fields, fields);
  // The order of items counts here, although nobody owns it.
  const sameObject = schema.jsonEqual(current, merged);
  const unchanged = sameFields && sameObject && mine.apiVersion === writer.apiVersion;
  if (unchanged) return { object: live, unchanged };
  // Only a changed object gives an entry a time: one that merely joins in has none.
  const time = sameObject ? mine?.time : timeText();
  if (!isEmpty(fields))
    others.push({
      ...writer,
      operation: 'Apply',
      ...(time && { time }),
      fields: sameFields ? mine.fields : sorted(fields),
    });
  const object = { ...merged, metadata: { ...(merged.metadata as object), managedFields: writeOwners(others) } };
  return { object: object as KubeJson, unchanged: false };
}

function beforeFirstApply(type: SchemaNode | undefined, live: KubeJson): Owner {
  const fields = sorted(stripped(fieldSetOf(type, live as JsonObject)));
  return { manager: 'before-first-apply', operation: 'Update', apiVersion: live.apiVersion, time: timeText(), fields };
}

function refuseConflicts(owners: Owner[], touched: FieldSet): void {
  if (isEmpty(touched)) return;
  const conflicts: { owner: string; path: string }[] = [];
  for (const owner of owners) {
    for (const path of paths(intersection(owner.fields, touched))) conflicts.push({ owner: ownerText(owner), path });
  }
  if (conflicts.length === 0) return;
  conflicts.sort((a, b) => (a.owner < b.owner ? -1 : a.owner > b.owner ? 1 : 0));
  const causes = conflicts.map(({ owner, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${owner}`,
    field: path,
  }));
  throw applyConflict(conflictText(conflicts), causes);
}

function conflictText(conflicts: { owner: string; path: string }[]): string {
  if (conflicts.length === 1)
    return `Apply failed with 1 conflict: conflict with ${conflicts[0]!.owner}: ${conflicts[0]!.path}`;
  const lines: string[] = [];
  let last: string | undefined;
  for (const { owner, path } of conflicts) {
    if (owner !== last) lines.push(`conflicts with ${owner}:`);
    lines.push(`- ${path}`);
    last = owner;
  }
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`;
}

function ownerText(owner: Owner): string {
  const name =
    JSON.stringify(owner.manager) + (owner.subresource ? ` with subresource ${JSON.stringify(owner.subresource)}` : '');
  return owner.operation === 'Update' ? `${name} using ${owner.apiVersion}` : name;
}
