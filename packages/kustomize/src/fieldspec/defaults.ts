import { type FieldSpec, type FieldSpecInput, type FieldTables, type NameReference, fieldSpec } from './types.ts';
import commonAnnotations from './tables/commonAnnotations.json' with { type: 'json' };
import commonLabels from './tables/commonLabels.json' with { type: 'json' };
import images from './tables/images.json' with { type: 'json' };
import namePrefix from './tables/namePrefix.json' with { type: 'json' };
import nameReference from './tables/nameReference.json' with { type: 'json' };
import namespace from './tables/namespace.json' with { type: 'json' };
import replicas from './tables/replicas.json' with { type: 'json' };
import templateLabels from './tables/templateLabels.json' with { type: 'json' };
import varReference from './tables/varReference.json' with { type: 'json' };
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
