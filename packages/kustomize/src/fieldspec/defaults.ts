import { type FieldSpec, type FieldSpecInput, type FieldTables, type NameReference, fieldSpec } from './types.ts';
import { commonAnnotations } from './tables/common-annotations.ts';
import { commonLabels } from './tables/common-labels.ts';
import { images } from './tables/images.ts';
import { namePrefix } from './tables/name-prefix.ts';
import { nameReference } from './tables/name-reference.ts';
import { namespace } from './tables/namespace.ts';
import { replicas } from './tables/replicas.ts';
import { templateLabels } from './tables/template-labels.ts';
import { varReference } from './tables/var-reference.ts';
import { sortReferences, sortSpecs } from './merge.ts';

const rows = (inputs: FieldSpecInput[]): FieldSpec[] => sortSpecs(inputs.map(fieldSpec));

/** The tables of KZE section 10, in the order in which steps go through them. */
export const DEFAULT_TABLES: FieldTables = {
  namePrefix: rows(namePrefix),
  nameSuffix: rows(namePrefix),
  namespace: rows(namespace),
  commonLabels: rows([...commonLabels, ...templateLabels]),
  labels: [],
  templateLabels: rows(templateLabels),
  commonAnnotations: rows(commonAnnotations),
  varReference: rows(varReference),
  images: rows(images),
  replicas: rows(replicas),
  nameReference: sortReferences(
    nameReference.map((row): NameReference => ({ ...fieldSpec(row), fieldSpecs: row.fieldSpecs.map(fieldSpec) })),
  ),
};

/** Tables without a row: what an accumulation starts with. */
export const NO_TABLES: FieldTables = {
  namePrefix: [],
  nameSuffix: [],
  namespace: [],
  commonLabels: [],
  labels: [],
  templateLabels: [],
  commonAnnotations: [],
  varReference: [],
  images: [],
  replicas: [],
  nameReference: [],
};
