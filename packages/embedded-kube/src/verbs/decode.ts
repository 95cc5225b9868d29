/** From a request body to an object of a resource. */
import type { KubeJson } from '../object/json.ts';
import type { Resource } from '../resource/resource.ts';
import { badRequest, invalidObject } from '../status/errors.ts';
import type { WriteContext } from './cluster.ts';
import { schema } from '@gitops-toolkit/api';

/** Checks that a body is an object of the kind that the path names; a body that does not say is taken for one. Throws 400. */
export function expectKind(resource: Resource, body: unknown): KubeJson {
  const { kind, version } = resource;
  if (!schema.isObject(body)) {
    const problem = `json parse error: json: cannot unmarshal ${jsonName(body)} into Go value of type struct`;
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; ${problem}`,
    );
  }
  if (resource.custom && !body.kind)
    throw badRequest(`Object 'Kind' is missing in '${JSON.stringify(body).slice(0, 1000)}'`);
  body.apiVersion ||= resource.apiVersion;
  body.kind ||= kind;
  if (resource.custom && body.kind !== kind) {
    const subject = { ...resource, kind: String(body.kind) };
    const name = schema.isObject(body.metadata) ? String(body.metadata.name ?? '') : '';
    throw invalidObject(subject, name, [schema.invalid('kind', body.kind, `must be ${kind}`)]);
  }
  if (body.kind !== kind) {
    const given = String(body.kind);
    const problem = `converting (${version}.${given}) to (${resource.group || 'core'}.${kind}): unknown conversion`;
    throw badRequest(`${given} in version "${version}" cannot be handled as a ${kind}: ${problem}`);
  }
  if (body.apiVersion !== resource.apiVersion) {
    const versions = `(${String(body.apiVersion)}) does not match the expected API version (${resource.apiVersion})`;
    throw badRequest(`the API version in the data ${versions}`);
  }
  if (body.metadata === undefined || body.metadata === null) body.metadata = {};
  if (!schema.isObject(body.metadata)) {
    const problem = `cannot unmarshal ${jsonName(body.metadata)} into Go struct field ${kind}.metadata of type v1.ObjectMeta`;
    throw badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: json: ${problem}`);
  }
  return body as KubeJson;
}

function jsonName(value: unknown): string {
  return Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : value === null ? 'null' : typeof value;
}

/** Drops unknown fields, and refuses or reports them as the client wished. Throws 400. */
export function decodeFields(resource: Resource, object: KubeJson, context: WriteContext): void {
  const unknown = resource.decode(object);
  if (unknown.length === 0 || context.fieldValidation === 'Ignore') return;
  const texts = unknown.map((path) => `unknown field ${JSON.stringify(path)}`);
  if (context.fieldValidation === 'Strict') {
    const { kind, version } = resource;
    const problem = `strict decoding error: ${texts.join(', ')}`;
    throw badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${problem}`);
  }
  context.warnings.push(...texts);
}

/** Fills the namespace of the path into the object, and refuses another one. */
export function placeInNamespace(resource: Resource, object: KubeJson, namespace: string | undefined): void {
  if (!resource.namespaced) {
    delete object.metadata.namespace;
    return;
  }
  if (!object.metadata.namespace) object.metadata.namespace = namespace;
  else if (object.metadata.namespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
}
