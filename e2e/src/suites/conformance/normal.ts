/** Answers without what differs from run to run: times, UIDs, revisions, tokens, and the case's own namespace. */

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** UIDs and revisions by first appearance, so that "the same as before" still shows. */
export interface Names {
  namespace: string;
  uids: Map<string, string>;
  revisions: Map<string, string>;
}

const uidPattern = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const timePattern = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;
const revisionText = /(resource ?version[^:"]*: )\d+(, current: \d+)?/gi;

export function normalText(text: string, names: Names): string {
  return text
    .replaceAll(names.namespace, 'NS')
    .replaceAll(timePattern, '<time>')
    .replaceAll(revisionText, '$1<revision>')
    .replaceAll(/(resourceVersion=)\d{2,}/g, '$1<revision>')
    .replaceAll(/(in (?:the precondition|record) )\(\d+\)/g, '$1(<revision>)')
    .replaceAll(/(continue=)[\w-]{20,}/g, '$1<token>')
    .replaceAll(uidPattern, (uid) => label(names.uids, uid, 'uid'));
}

export function normal(value: unknown, names: Names): Json {
  if (typeof value === 'string') return normalText(value, names);
  if (Array.isArray(value)) return value.map((item) => normal(item, names));
  if (typeof value !== 'object' || value === null) return (value ?? null) as Json;
  const result: { [name: string]: Json } = {};
  const isList = 'items' in value || ('kind' in value && value.kind === 'Table');
  for (const [name, item] of Object.entries(value)) {
    // Conflicts come in the order of a Go map, which is none.
    if (name === 'causes') result[name] = causes(normal(item, names) as Json[]);
    else if (name === 'metadata') result[name] = metadata(item, names, isList);
    else if (name === 'cells') result[name] = (item as unknown[]).map((cell) => age(normal(cell, names)));
    else result[name] = normal(item, names);
  }
  return result;
}

function causes(list: Json[]): Json[] {
  return JSON.stringify(list).includes('FieldManagerConflict') ? list.sort(byText) : list;
}

function metadata(value: unknown, names: Names, ofList: boolean): Json {
  const { resourceVersion, managedFields, ...rest } = (value ?? {}) as {
    resourceVersion?: unknown;
    managedFields?: { fieldsV1?: unknown }[];
  };
  const result = normal(rest, names) as { [name: string]: Json };
  if (typeof result.continue === 'string' && result.continue !== '') result.continue = '<token>';
  if (typeof resourceVersion === 'string') {
    // The revision of a list is that of the whole store, which others move too.
    result.resourceVersion = ofList ? '<revision>' : label(names.revisions, resourceVersion, 'revision');
  }
  // Entries of one second are ordered by name, entries of two seconds by time: the order depends on the clock.
  if (Array.isArray(managedFields)) result.managedFields = managedFields.map((one) => entry(one, names)).sort(byText);
  return result;
}

function entry({ fieldsV1, ...rest }: { fieldsV1?: unknown }, names: Names): Json {
  const result = normal(rest, names) as { [name: string]: Json };
  return fieldsV1 === undefined ? result : { ...result, fieldsV1: JSON.stringify(sorted(fieldsV1)) };
}

function byText(a: Json, b: Json): number {
  const [x, y] = [JSON.stringify(sorted(a)), JSON.stringify(sorted(b))];
  return x < y ? -1 : x > y ? 1 : 0;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, item]) => [name, sorted(item)]),
  );
}

function age(cell: Json): Json {
  return typeof cell === 'string' && /^\d+[smh]$/.test(cell) ? '<age>' : cell;
}

function label(known: Map<string, string>, value: string, what: string): string {
  let found = known.get(value);
  if (found === undefined) known.set(value, (found = `<${what} ${known.size + 1}>`));
  return found;
}
