import { ANY, BOOLEAN, INTEGER, STRING, STRINGS, STRING_MAP, array, struct, type Shape } from './shape.ts';

const GVK = { group: STRING, version: STRING, kind: STRING };
const ID = { ...GVK, name: STRING, namespace: STRING };

export const FIELD_SPEC: Shape = struct({ ...GVK, path: STRING, create: BOOLEAN });
export const SELECTOR: Shape = struct({ ...ID, labelSelector: STRING, annotationSelector: STRING });
const PATCH = struct({
  path: STRING,
  patch: STRING,
  target: SELECTOR,
  options: struct({ allowNameChange: BOOLEAN, allowKindChange: BOOLEAN }),
});
export const IMAGE: Shape = struct({
  name: STRING,
  newName: STRING,
  newTag: STRING,
  digest: STRING,
  tagSuffix: STRING,
});
export const REPLICA: Shape = struct({ name: STRING, count: INTEGER });
export const GENERATOR_OPTIONS: Shape = struct({
  labels: STRING_MAP,
  annotations: STRING_MAP,
  disableNameSuffixHash: BOOLEAN,
  immutable: BOOLEAN,
});
export const GENERATOR_FIELDS: Record<string, Shape> = {
  namespace: STRING,
  name: STRING,
  behavior: STRING,
  literals: STRINGS,
  files: STRINGS,
  envs: STRINGS,
  env: STRING,
  options: GENERATOR_OPTIONS,
};
const REPLACEMENT_OPTIONS = struct({ delimiter: STRING, index: INTEGER, encoding: STRING, create: BOOLEAN });
export const REPLACEMENT: Shape = struct({
  path: STRING,
  source: struct({ ...ID, fieldPath: STRING, options: REPLACEMENT_OPTIONS }),
  sourceValue: STRING,
  targets: array(
    struct({ select: SELECTOR, reject: array(SELECTOR), fieldPaths: STRINGS, options: REPLACEMENT_OPTIONS }),
  ),
});
const HELM_CHART = struct({
  name: STRING,
  version: STRING,
  repo: STRING,
  releaseName: STRING,
  namespace: STRING,
  additionalValuesFiles: STRINGS,
  valuesFile: STRING,
  valuesInline: ANY,
  valuesMerge: STRING,
  includeCRDs: BOOLEAN,
  skipHooks: BOOLEAN,
  apiVersions: STRINGS,
  kubeVersion: STRING,
  nameTemplate: STRING,
  skipTests: BOOLEAN,
  debug: BOOLEAN,
  devel: BOOLEAN,
});
const OLD_HELM_CHART = struct({
  chartName: STRING,
  chartVersion: STRING,
  chartRepoUrl: STRING,
  chartHome: STRING,
  chartRepoName: STRING,
  helmBin: STRING,
  helmHome: STRING,
  values: STRING,
  valuesLocal: ANY,
  valuesMerge: STRING,
  releaseName: STRING,
  releaseNamespace: STRING,
  extraArgs: STRINGS,
});

/** Every field a kustomization file may have (KZE section 1.2). */
export const KUSTOMIZATION: Shape = struct({
  apiVersion: STRING,
  kind: STRING,
  metadata: struct({ name: STRING, namespace: STRING, labels: STRING_MAP, annotations: STRING_MAP }),
  resources: STRINGS,
  bases: STRINGS,
  components: STRINGS,
  crds: STRINGS,
  openapi: STRING_MAP,
  configurations: STRINGS,
  namePrefix: STRING,
  nameSuffix: STRING,
  namespace: STRING,
  commonLabels: STRING_MAP,
  labels: array(
    struct({ pairs: STRING_MAP, includeSelectors: BOOLEAN, includeTemplates: BOOLEAN, fields: array(FIELD_SPEC) }),
  ),
  commonAnnotations: STRING_MAP,
  patches: array(PATCH),
  patchesStrategicMerge: STRINGS,
  patchesJson6902: array(PATCH),
  images: array(IMAGE),
  imageTags: array(IMAGE),
  replicas: array(REPLICA),
  replacements: array(REPLACEMENT),
  vars: array(
    struct({
      name: STRING,
      objref: struct({ apiVersion: STRING, ...ID }),
      fieldref: struct({ fieldPath: STRING }),
    }),
  ),
  sortOptions: struct({ order: STRING, legacySortOptions: struct({ orderFirst: STRINGS, orderLast: STRINGS }) }),
  configMapGenerator: array(struct(GENERATOR_FIELDS)),
  secretGenerator: array(struct({ ...GENERATOR_FIELDS, type: STRING })),
  generatorOptions: GENERATOR_OPTIONS,
  helmGlobals: struct({ chartHome: STRING, configHome: STRING }),
  helmCharts: array(HELM_CHART),
  helmChartInflationGenerator: array(OLD_HELM_CHART),
  generators: STRINGS,
  transformers: STRINGS,
  validators: STRINGS,
  buildMetadata: STRINGS,
});
