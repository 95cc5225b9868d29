/** A CustomResourceDefinition as the server's resources: one per served version. */
import { schema, type JsonSchema } from '@gitops-toolkit/api';
import { decodeTyped } from '../builtin/decode.ts';
import { definition } from '../builtin/schemas.ts';
import type { KubeJson } from '../object/json.ts';
import { checkMetadata, checkMetadataUpdate, dnsSubdomain } from '../object/names.ts';
import { allVerbs, type Column, type Resource } from '../resource/resource.ts';
import { badRequest } from '../status/errors.ts';
import { ageText } from '../table/age.ts';
import { compileJsonPath } from './jsonpath.ts';

export interface CrdVersion {
  name: string;
  served: boolean;
  storage: boolean;
  deprecated?: boolean;
  deprecationWarning?: string;
  schema?: { openAPIV3Schema?: JsonSchema };
  subresources?: {
    status?: object;
    scale?: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath?: string };
  };
  additionalPrinterColumns?: {
    name: string;
    type: string;
    format?: string;
    description?: string;
    priority?: number;
    jsonPath: string;
  }[];
  selectableFields?: { jsonPath: string }[];
}

export interface CrdSpec {
  group: string;
  scope: 'Namespaced' | 'Cluster';
  names: {
    plural: string;
    singular?: string;
    kind: string;
    listKind?: string;
    shortNames?: string[];
    categories?: string[];
  };
  versions: CrdVersion[];
  preserveUnknownFields?: boolean;
}

export function customResources(crd: KubeJson): Resource[] {
  const spec = crd.spec as unknown as CrdSpec;
  return spec.versions.filter((version) => version.served).map((version) => customResource(spec, version));
}

function customResource(spec: CrdSpec, version: CrdVersion): Resource {
  const { group, names } = spec;
  const openApi = version.schema?.openAPIV3Schema ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const namespaced = spec.scope === 'Namespaced';
  const scale = version.subresources?.scale;
  const shape = withObjectFields(openApi);
  const warning = version.deprecated
    ? (version.deprecationWarning ?? `${group}/${version.name} ${names.kind} is deprecated`)
    : undefined;
  return {
    group,
    version: version.name,
    apiVersion: `${group}/${version.name}`,
    kind: names.kind,
    listKind: names.listKind || `${names.kind}List`,
    plural: names.plural,
    singular: names.singular || names.kind.toLowerCase(),
    namespaced,
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    verbs: allVerbs,
    collection: `${group}/${names.plural}`,
    shape,
    custom: true,
    status: version.subresources?.status !== undefined,
    scale: scale && {
      specReplicas: pathOf(scale.specReplicasPath),
      statusReplicas: pathOf(scale.statusReplicasPath),
      selector: scale.labelSelectorPath === undefined ? undefined : pathOf(scale.labelSelectorPath),
    },
    generation: true,
    unconditionalUpdate: false,
    columns: columnsOf(version),
    selectable: version.selectableFields?.map((field) => pathOf(field.jsonPath).join('.')),
    checkName: dnsSubdomain,
    decode: (object) => decodeCustom(openApi, object, names.kind, version.name),
    setDefaults: (object) => void schema.applyDefaults(openApi, object),
    validate: (object, old) => [
      ...checkMetadata(object, { namespaced, checkName: dnsSubdomain, anyFinalizer: true }),
      ...(old ? checkMetadataUpdate(object, old) : []),
      ...schema.validate(openApi, object, { old }),
    ],
    warnings: warning === undefined ? undefined : () => [warning],
  };
}

/** The schema with what every object has: identity and typed metadata, also in embedded objects. */
function withObjectFields(node: JsonSchema): JsonSchema {
  const withEmbedded = addEmbedded(node);
  return { ...withEmbedded, type: 'object', properties: { ...withEmbedded.properties, ...objectFields() } };
}

function objectFields(): Record<string, JsonSchema> {
  return { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: definition('meta.v1.ObjectMeta') };
}

function addEmbedded(node: JsonSchema): JsonSchema {
  const result: JsonSchema = { ...node };
  if (node.properties) {
    result.properties = {};
    for (const name of Object.keys(node.properties)) result.properties[name] = addEmbedded(node.properties[name]!);
  }
  if (node.items) result.items = addEmbedded(node.items);
  if (schema.isObject(node.additionalProperties))
    result.additionalProperties = addEmbedded(node.additionalProperties as JsonSchema);
  if (node['x-kubernetes-embedded-resource']) result.properties = { ...result.properties, ...objectFields() };
  return result;
}

/** Metadata is read into a typed structure, unlike everything else. */
function decodeCustom(openApi: JsonSchema, object: KubeJson, kind: string, version: string): string[] {
  const unknown = decodeTyped(definition('meta.v1.ObjectMeta'), object.metadata, (path, found, wanted) => {
    const problem = `json: cannot unmarshal ${found} into Go struct field ObjectMeta.metadata.${path} of type ${wanted}`;
    throw badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${problem}`);
  });
  return [...unknown.map((path) => `metadata.${path}`), ...schema.prune(openApi, object)];
}

/** `.spec.replicas` → `['spec', 'replicas']`. */
export function pathOf(jsonPath: string): string[] {
  return jsonPath
    .replace(/^\./, '')
    .split('.')
    .filter((part) => part !== '');
}

function columnsOf(version: CrdVersion): Column[] {
  const name: Column = {
    name: 'Name',
    type: 'string',
    format: 'name',
    priority: 0,
    cell: (object) => object.metadata.name,
  };
  const declared = version.additionalPrinterColumns ?? [
    {
      name: 'Age',
      type: 'date',
      jsonPath: '.metadata.creationTimestamp',
      description: 'CreationTimestamp is a timestamp representing the server time when this object was created.',
    },
  ];
  return [
    name,
    ...declared.map((column): Column => {
      const read = compileJsonPath(column.jsonPath);
      return {
        name: column.name,
        type: column.type as Column['type'],
        format: column.format,
        description: column.description ?? `Custom resource definition column (in JSONPath format): ${column.jsonPath}`,
        priority: column.priority ?? 0,
        cell: (object) => cellText(read(object), column.type),
      };
    }),
  ];
}

function cellText(value: unknown, type: string): unknown {
  if (value === undefined || value === null) return null;
  switch (type) {
    case 'date':
      return typeof value === 'string' ? ageText(value) : null;
    case 'string':
      return typeof value === 'object' ? JSON.stringify(value) : String(value);
    case 'integer':
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    default:
      return null;
  }
}
