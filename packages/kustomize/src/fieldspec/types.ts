import { type Gvk } from '../resource/id.ts';

/** Where a transformer writes: a path in the objects of a group, version and kind, empty meaning any (KZE-630). */
export interface FieldSpec extends Gvk {
  path: string;
  create: boolean;
}

/** Fields that hold the name of an object of the given group, version and kind. */
export interface NameReference extends Gvk {
  fieldSpecs: FieldSpec[];
}

/** The tables that `configurations` and `crds` extend (KZE-870). */
export interface FieldTables {
  namePrefix: readonly FieldSpec[];
  nameSuffix: readonly FieldSpec[];
  namespace: readonly FieldSpec[];
  commonLabels: readonly FieldSpec[];
  labels: readonly FieldSpec[];
  templateLabels: readonly FieldSpec[];
  commonAnnotations: readonly FieldSpec[];
  varReference: readonly FieldSpec[];
  images: readonly FieldSpec[];
  replicas: readonly FieldSpec[];
  nameReference: readonly NameReference[];
}

export type FieldTableName = Exclude<keyof FieldTables, 'nameReference'>;

export const FIELD_TABLE_NAMES: readonly FieldTableName[] = [
  'namePrefix',
  'nameSuffix',
  'namespace',
  'commonLabels',
  'labels',
  'templateLabels',
  'commonAnnotations',
  'varReference',
  'images',
  'replicas',
];

/** What a configurations file or a default table holds. */
export type FieldSpecInput = Partial<FieldSpec>;

export function fieldSpec(input: FieldSpecInput): FieldSpec {
  return {
    group: input.group ?? '',
    version: input.version ?? '',
    kind: input.kind ?? '',
    path: input.path ?? '',
    create: input.create ?? false,
  };
}
