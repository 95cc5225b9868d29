/** OpenAPI documents, for clients that validate, explain and patch by schema. */
import { createHash } from 'node:crypto';
import { schema, type JsonSchema } from '@gitops-toolkit/api';
import { type BuiltinSchema, schemaDocument } from '../builtin/schemas.ts';
import type { Registry } from '../resource/registry.ts';
import type { Resource } from '../resource/resource.ts';
import { groupsOf } from './documents.ts';

type Json = Record<string, unknown>;

const pathOf = (group: string, version: string) => (group === '' ? `api/${version}` : `apis/${group}/${version}`);

/** `GET /openapi/v3`: where the document of each version is. The hash changes with the document. */
export function openApiIndex(registry: Registry): object {
  const paths: Json = {};
  for (const [group, versions] of groupsOf(registry)) {
    for (const version of versions) {
      const path = pathOf(group, version);
      const hash = createHash('sha256')
        .update(`${path} ${registry.generation}`)
        .digest('hex')
        .slice(0, 64)
        .toUpperCase();
      paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` };
    }
  }
  return { paths };
}

/** `GET /openapi/v3/<path>`, or undefined when nothing is served there. */
export function openApiV3(registry: Registry, path: string): object | undefined {
  const resources = registry.all().filter((resource) => pathOf(resource.group, resource.version) === path);
  if (resources.length === 0) return undefined;
  const schemas: Json = {};
  const reference = (name: string) => `#/components/schemas/${name}`;
  const paths: Json = {};
  for (const resource of resources) {
    const name = addSchemas(resource, schemas, reference);
    Object.assign(paths, operations(resource, reference(name), true));
  }
  return { openapi: '3.0.0', info: { title: 'Kubernetes', version: 'v1.35.0' }, paths, components: { schemas } };
}

/** `GET /openapi/v2`. */
export function openApiV2(registry: Registry): object {
  const definitions: Json = {};
  const reference = (name: string) => `#/definitions/${name}`;
  const paths: Json = {};
  for (const resource of registry.all()) {
    const name = addSchemas(resource, definitions, reference);
    Object.assign(paths, operations(resource, reference(name), false));
  }
  return { swagger: '2.0', info: { title: 'Kubernetes', version: 'v1.35.0' }, paths, definitions };
}

/** Adds a kind's schema with everything it refers to, and answers its name. */
function addSchemas(resource: Resource, into: Json, reference: (name: string) => string): string {
  const gvk = [{ group: resource.group, version: resource.version, kind: resource.kind }];
  const builtin = schemaDocument().kinds[`${resource.apiVersion}/${resource.kind}`];
  if (!resource.custom && builtin !== undefined) {
    addDefinition(builtin, into, reference);
    const name = longName(builtin);
    into[name] = { ...(into[name] as Json), 'x-kubernetes-group-version-kind': gvk };
    return name;
  }
  addDefinition('meta.v1.ObjectMeta', into, reference);
  const name = `${resource.group.split('.').reverse().join('.')}.${resource.version}.${resource.kind}`;
  const { properties, ...rest } = resource.shape ?? {};
  const shown = Object.fromEntries(Object.entries(properties ?? {}).map(([field, child]) => [field, plain(child)]));
  const metadata = { $ref: reference(longName('meta.v1.ObjectMeta')) };
  into[name] = { ...rest, type: 'object', properties: { ...shown, metadata }, 'x-kubernetes-group-version-kind': gvk };
  return name;
}

/** A custom schema without embedded metadata, which would repeat ObjectMeta everywhere. */
function plain(node: JsonSchema): JsonSchema {
  const result: JsonSchema = { ...node };
  if (node['x-kubernetes-embedded-resource'] && node.properties) {
    const { metadata: _, ...properties } = node.properties;
    result.properties = { ...properties, metadata: { type: 'object' } };
  }
  return result;
}

const modules: Record<string, string> = {
  meta: 'io.k8s.apimachinery.pkg.apis.',
  api: 'io.k8s.apimachinery.pkg.',
  runtime: 'io.k8s.apimachinery.pkg.',
  util: 'io.k8s.apimachinery.pkg.',
  apiextensions: 'io.k8s.apiextensions-apiserver.pkg.apis.',
  apiregistration: 'io.k8s.kube-aggregator.pkg.apis.',
};

function longName(name: string): string {
  return (modules[name.slice(0, name.indexOf('.'))] ?? 'io.k8s.api.') + name;
}

function addDefinition(name: string, into: Json, reference: (name: string) => string): void {
  const long = longName(name);
  if (into[long] !== undefined) return;
  into[long] = {};
  into[long] = withReferences(schemaDocument().definitions[name], into, reference);
}

function withReferences(node: unknown, into: Json, reference: (name: string) => string): unknown {
  if (Array.isArray(node) || !schema.isObject(node)) return node;
  const { ref, ...rest } = node as Json & { ref?: string };
  const result: Json = {};
  for (const key of Object.keys(rest)) {
    if (key === 'properties') {
      const properties = rest[key] as Record<string, BuiltinSchema>;
      result[key] = Object.fromEntries(
        Object.entries(properties).map(([field, child]) => [field, withReferences(child, into, reference)]),
      );
    } else result[key] = withReferences(rest[key], into, reference);
  }
  if (typeof ref !== 'string') return result;
  addDefinition(ref, into, reference);
  const target = { $ref: reference(longName(ref)) };
  // OpenAPI 3.0 ignores what stands beside a reference.
  return Object.keys(result).length === 0 ? target : { ...result, allOf: [target] };
}

/** The operations that clients look for: which kind a path is about, and which query parameters it takes. */
function operations(resource: Resource, ref: string, v3: boolean): Json {
  const base = `/${pathOf(resource.group, resource.version)}${resource.namespaced ? '/namespaces/{namespace}' : ''}/${resource.plural}`;
  const gvk = { group: resource.group, version: resource.version, kind: resource.kind };
  const ok = v3
    ? { 200: { description: 'OK', content: { 'application/json': { schema: { $ref: ref } } } } }
    : { 200: { description: 'OK', schema: { $ref: ref } } };
  const query = (name: string) =>
    v3
      ? { name, in: 'query', schema: { type: 'string', uniqueItems: true } }
      : { name, in: 'query', type: 'string', uniqueItems: true };
  const writing = ['dryRun', 'fieldManager', 'fieldValidation'].map(query);
  const operation = (action: string, id: string, parameters: object[] = []) => ({
    operationId: `${id}${resource.group}${resource.version}${resource.kind}`,
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': gvk,
    parameters,
    responses: ok,
  });
  return {
    [base]: { get: operation('list', 'list'), post: operation('post', 'create', writing) },
    [`${base}/{name}`]: {
      get: operation('get', 'read'),
      put: operation('put', 'replace', writing),
      patch: operation('patch', 'patch', writing),
      delete: operation('delete', 'delete', [query('dryRun')]),
    },
  };
}
