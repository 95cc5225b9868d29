import { KustomizeError } from '../errors.ts';
import { compareGvk } from '../resource/order.ts';
import { selectedByGvk } from '../resource/id.ts';
import {
  FIELD_TABLE_NAMES,
  type FieldSpec,
  type FieldTableName,
  type FieldTables,
  type NameReference,
} from './types.ts';

/**
 * Adds rows to a table. A row whose path is there already for a kind that it covers is dropped (KZE-634).
 *
 * @throws {KustomizeError} `conflicting fieldspecs` when the two disagree on `create`.
 */
export function mergeSpecs(table: readonly FieldSpec[], incoming: readonly FieldSpec[]): readonly FieldSpec[] {
  if (incoming.length === 0 || table === incoming) return table;
  if (table.length === 0 && incoming.length === 1) return incoming;
  const byPath = Map.groupBy(table, (row) => row.path);
  const result = [...table];
  for (const row of incoming) {
    const rows = byPath.get(row.path);
    const duplicate = rows?.find((known) => selectedByGvk(known, row));
    if (duplicate) {
      if (duplicate.create !== row.create) throw new KustomizeError('conflicting fieldspecs');
      continue;
    }
    result.push(row);
    if (rows) rows.push(row);
    else byPath.set(row.path, [row]);
  }
  return result;
}

const SECTIONS: Partial<Record<FieldTableName, string>> = { namespace: 'NameSpace' };

/** Merges whole sets of tables (KZE-501, KZE-870). Equal sets cost nothing. */
export function mergeTables(tables: FieldTables, incoming: FieldTables): FieldTables {
  if (tables === incoming) return tables;
  const merged = { ...tables };
  for (const name of FIELD_TABLE_NAMES) {
    try {
      const rows = mergeSpecs(tables[name], incoming[name]);
      merged[name] = rows === tables[name] ? rows : sortSpecs(rows);
    } catch (error) {
      const section = SECTIONS[name] ?? name[0]!.toUpperCase() + name.slice(1);
      throw new KustomizeError(`failed to merge ${section} fieldSpec: ${(error as Error).message}`, { cause: error });
    }
  }
  merged.nameReference = mergeReferences(tables.nameReference, incoming.nameReference);
  return merged;
}

function mergeReferences(
  table: readonly NameReference[],
  incoming: readonly NameReference[],
): readonly NameReference[] {
  if (incoming.length === 0 || table === incoming) return table;
  const key = (row: NameReference) => `${row.group}\0${row.version}\0${row.kind}`;
  const result = new Map(table.map((row) => [key(row), row]));
  for (const row of incoming) {
    const known = result.get(key(row));
    if (known === row) continue;
    result.set(key(row), known ? { ...known, fieldSpecs: [...mergeSpecs(known.fieldSpecs, row.fieldSpecs)] } : row);
  }
  return sortReferences([...result.values()]);
}

export function sortSpecs(rows: readonly FieldSpec[]): FieldSpec[] {
  return [...rows].sort(compareGvk);
}

export function sortReferences(rows: readonly NameReference[]): NameReference[] {
  return [...rows].sort(compareGvk);
}
