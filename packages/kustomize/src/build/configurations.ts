import { DEFAULT_TABLES, NO_TABLES } from '../fieldspec/defaults.ts';
import { mergeTables } from '../fieldspec/merge.ts';
import {
  FIELD_TABLE_NAMES,
  fieldSpec,
  type FieldSpecInput,
  type FieldTableName,
  type FieldTables,
  type NameReference,
} from '../fieldspec/types.ts';
import { KustomizeError, messageOf } from '../errors.ts';
import { FIELD_SPEC } from '../kustomization/fields.ts';
import { parseData } from '../kustomization/parse.ts';
import { STRING, array, decode, struct, type Shape } from '../kustomization/shape.ts';
import { loadText, type Loader } from './loader.ts';

const REFERENCE: Shape = struct({ group: STRING, version: STRING, kind: STRING, fieldSpecs: array(FIELD_SPEC) });
const CONFIGURATION: Shape = struct({
  ...Object.fromEntries(FIELD_TABLE_NAMES.map((name) => [name, array(FIELD_SPEC)])),
  nameReference: array(REFERENCE),
});

/**
 * The default tables with what the `configurations` files add (KZE-870).
 *
 * @throws {KustomizeError} for unknown keys and conflicting rows (KZE-370), naming the file.
 */
export function configurationTables(loader: Loader, files: readonly string[]): FieldTables {
  let tables: FieldTables = NO_TABLES;
  for (const file of files) tables = mergeTables(tables, readConfiguration(loader, file));
  return tables === NO_TABLES ? DEFAULT_TABLES : mergeTables(DEFAULT_TABLES, tables);
}

type Input = { [K in FieldTableName]?: FieldSpecInput[] } & {
  nameReference?: (FieldSpecInput & { fieldSpecs?: FieldSpecInput[] })[];
};

function readConfiguration(loader: Loader, file: string): FieldTables {
  let input: Input;
  try {
    input = (decode(parseData(loadText(loader, file), file), CONFIGURATION) ?? {}) as Input;
  } catch (error) {
    const inner = error instanceof KustomizeError ? error : undefined;
    throw new KustomizeError(`reading configurations file '${file}': ${messageOf(error)}`, {
      code: inner?.code,
      file,
      line: inner?.line,
      cause: error,
    });
  }
  const tables: FieldTables = { ...NO_TABLES };
  for (const name of FIELD_TABLE_NAMES) tables[name] = (input[name] ?? []).map(fieldSpec);
  tables.nameReference = (input.nameReference ?? []).map((row): NameReference => {
    const { group, version, kind } = fieldSpec(row);
    return { group, version, kind, fieldSpecs: (row.fieldSpecs ?? []).map(fieldSpec) };
  });
  return tables;
}
