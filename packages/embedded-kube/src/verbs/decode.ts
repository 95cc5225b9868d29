/** From a request body to an object of a resource. */
import type { KubeJson } from '../object/json.ts';
import type { Resource } from '../resource/resource.ts';
import { badRequest } from '../status/errors.ts';
import type { WriteContext } from './cluster.ts';
import { schema } from '@gitops-toolkit/api';

/** Checks that a body is an object of the kind that the path names. Throws 400. */
export function expectKind(resource: Resource, body: unknown): KubeJson {
  if (!schema.isObject(body))
    throw badRequest(
      `couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonName(body)} into Go value of type struct`,
    );
  const { apiVersion, kind } = body;
  if (!kind) throw badRequest("Object 'Kind' is missing");
  if (!apiVersion) throw badRequest("Object 'apiVersion' is missing");
  if (apiVersion !== resource.apiVersion) {
    throw badRequest(
      `the API version in the data (${String(apiVersion)}) does not match the expected API version (${resource.apiVersion})`,
    );
  }
  if (kind !== resource.kind) {
    throw badRequest(
      `${String(kind)} in version "${resource.version}" cannot be handled as a ${resource.kind}: converting (${resource.group}/${resource.version}, Kind=${String(kind)}) to a ${resource.kind}: unknown conversion`,
    );
  }
  if (body.metadata === undefined || body.metadata === null) body.metadata = {};
  if (!schema.isObject(body.metadata)) {
    throw badRequest(
      `${resource.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: json: cannot unmarshal ${jsonName(body.metadata)} into Go struct field ${resource.kind}.metadata of type v1.ObjectMeta`,
    );
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
  if (context.fieldValidation === 'Strict') throw badRequest(`strict decoding error: ${texts.join(', ')}`);
  context.warnings.push(...texts);
}

/** Fills the namespace of the path into the object, and refuses another one. */
export function placeInNamespace(resource: Resource, object: KubeJson, namespace: string | undefined): void {
  if (!resource.namespaced) {
    if (object.metadata.namespace) throw badRequest('namespace is not allowed on this type');
    return;
  }
  if (!object.metadata.namespace) object.metadata.namespace = namespace;
  else if (object.metadata.namespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
}
