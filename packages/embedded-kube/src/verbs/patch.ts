import { load } from 'js-yaml';
import { schema } from '@gitops-toolkit/api';
import { decodeTyped } from '../builtin/decode.ts';
import { applyConfig } from '../apply/managers.ts';
import { copyJson, type KubeJson } from '../object/json.ts';
import { jsonPatch, mergePatch } from '../patch/json.ts';
import { strategicMergePatch } from '../patch/strategic.ts';
import type { Resource } from '../resource/resource.ts';
import { badRequest, invalidOptions, modified, StatusError } from '../status/errors.ts';
import { keyOf, type Stored } from '../store/collection.ts';
import type { Cluster, WriteContext } from './cluster.ts';
import { insert, shapeOf } from './create.ts';
import { decodeFields, placeInNamespace } from './decode.ts';
import { change, find, inVersion, type ObjectAddress, settle, store } from './update.ts';

export const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
  applyCbor: 'application/apply-patch+cbor',
} as const;

export interface PatchRequest {
  /** Media type without parameters. */
  type: string;
  text: string;
  force: boolean;
  /** The client named a field manager itself: apply demands it. */
  namedManager: boolean;
}

/** PATCH: in whichever dialect the content type names. `created` tells whether apply made the object. */
export function patch(
  cluster: Cluster,
  resource: Resource,
  address: ObjectAddress,
  request: PatchRequest,
  context: WriteContext,
): { stored: Stored; created: boolean } {
  if (request.type === patchTypes.apply) return apply(cluster, resource, address, request, context);
  if (request.force) {
    const issue = schema.forbidden('force', 'may not be specified for non-apply patch');
    throw invalidOptions('PatchOptions', issue);
  }
  const { live } = find(cluster, resource, address);
  const object = patched(resource, inVersion(resource, live.object), request);
  if (!schema.isObject(object) || !schema.isObject(object.metadata))
    throw badRequest('the patched object has no metadata');
  const next = object as KubeJson;
  decodeFields(resource, next, context);
  if (next.metadata.name !== address.name) {
    throw badRequest(
      `the name of the object (${next.metadata.name ?? ''}) does not match the name on the URL (${address.name})`,
    );
  }
  placeInNamespace(resource, next, address.namespace);
  if (next.apiVersion !== resource.apiVersion || next.kind !== resource.kind) {
    throw badRequest(
      `the patch changes the kind: ${String(next.apiVersion)} ${String(next.kind)} instead of ${resource.apiVersion} ${resource.kind}`,
    );
  }
  // A patch need not say which revision it is for; one that does means it.
  if (!next.metadata.resourceVersion) next.metadata.resourceVersion = live.object.metadata.resourceVersion;
  return { stored: change(cluster, resource, address, next, context), created: false };
}

function patched(resource: Resource, live: KubeJson, request: PatchRequest): unknown {
  const accepted = [
    patchTypes.json,
    patchTypes.merge,
    ...(resource.custom ? [] : [patchTypes.strategic]),
    patchTypes.apply,
  ];
  if (!(accepted as string[]).includes(request.type))
    throw new StatusError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
  const body = parsePatch(request.text);
  // Patches share parts of the live object with the result: copied before anything is filled in.
  switch (request.type) {
    case patchTypes.json:
      return jsonPatch(live, body);
    case patchTypes.merge:
      return copyJson(mergePatch(live, expectObject(body)));
    default:
      return copyJson(strategicMergePatch(resource.shape, live, expectObject(body)));
  }
}

function parsePatch(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest(`error decoding patch: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function expectObject(body: unknown): unknown {
  if (!schema.isObject(body))
    throw badRequest(
      'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
    );
  return body;
}

function apply(
  cluster: Cluster,
  resource: Resource,
  address: ObjectAddress,
  request: PatchRequest,
  context: WriteContext,
): { stored: Stored; created: boolean } {
  if (!request.namedManager) {
    const issue = schema.required('fieldManager', 'is required for apply patch');
    throw invalidOptions('PatchOptions', issue);
  }
  const sent = readConfig(resource, address, request.text);
  checkDeclared(resource, sent);
  const config = written(resource, sent, context.subresource);
  placeInNamespace(resource, config, address.namespace);
  const options = {
    manager: context.manager,
    apiVersion: resource.apiVersion,
    subresource: context.subresource,
    force: request.force,
  };
  const type = shapeOf(resource);
  const collection = cluster.store.collection(resource.collection);
  const live = collection.get(keyOf(resource.namespaced ? address.namespace : undefined, address.name));
  if (live === undefined)
    return { stored: createByApply(cluster, resource, address, config, options, context), created: true };
  const { uid, resourceVersion } = config.metadata;
  if (uid && uid !== live.object.metadata.uid) throw modified(resource, address.name);
  if (resourceVersion && resourceVersion !== live.object.metadata.resourceVersion)
    throw modified(resource, address.name);
  const current = inVersion(resource, live.object);
  const result = applyConfig(type, current, config, options);
  if (result.unchanged) return { stored: live, created: false };
  // Merging shared parts with the live object, which must stay as it is.
  const merged = copyJson(result.object);
  const managedFields = merged.metadata.managedFields;
  const next = settle(resource, merged, current, context.subresource);
  next.metadata.managedFields = managedFields;
  const key = keyOf(resource.namespaced ? address.namespace : undefined, address.name);
  return { stored: store(resource, collection, key, next, live, context), created: false };
}

function createByApply(
  cluster: Cluster,
  resource: Resource,
  address: ObjectAddress,
  config: KubeJson,
  options: Parameters<typeof applyConfig>[3],
  context: WriteContext,
): Stored {
  if (context.subresource !== undefined) find(cluster, resource, address);
  if (config.metadata.uid || config.metadata.resourceVersion) throw modified(resource, address.name);
  const identity: KubeJson = {
    apiVersion: resource.apiVersion,
    kind: resource.kind,
    metadata: { name: address.name, namespace: address.namespace },
  };
  if (!resource.namespaced) delete identity.metadata.namespace;
  const { object } = applyConfig(shapeOf(resource), identity, config, options);
  const managedFields = object.metadata.managedFields;
  return insert(cluster, resource, copyJson(object), context, () => managedFields);
}

function readConfig(resource: Resource, address: ObjectAddress, text: string): KubeJson {
  let body: unknown;
  try {
    body = text.trimStart().startsWith('{') ? JSON.parse(text) : load(text);
  } catch (error) {
    throw badRequest(`error decoding YAML: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
  }
  if (!schema.isObject(body)) throw badRequest('error decoding YAML: the body is not an object');
  if (!body.kind) throw badRequest("Object 'Kind' is missing");
  if (!body.apiVersion) throw badRequest("Object 'apiVersion' is missing");
  if (body.apiVersion !== resource.apiVersion) {
    const versions = `Specified patch version: ${String(body.apiVersion)}, expected: ${resource.apiVersion}`;
    throw badRequest(`Incorrect version specified in apply patch. ${versions}`);
  }
  if (body.kind !== resource.kind) throw badRequest(`invalid object type: ${gvkText(resource, String(body.kind))}`);
  body.metadata ??= {};
  if (!schema.isObject(body.metadata)) throw badRequest('metadata is not an object');
  body.metadata.name ??= address.name;
  if (body.metadata.name !== address.name) {
    const given = String(body.metadata.name);
    throw badRequest(`the name of the object (${given}) does not match the name on the URL (${address.name})`);
  }
  if (Array.isArray(body.metadata.managedFields)) throw badRequest('metadata.managedFields must be nil');
  return body as KubeJson;
}

/** `apps/v1, Kind=Deployment`; the core group is empty. */
function gvkText(resource: Resource, kind: string): string {
  return `${resource.group}/${resource.version}, Kind=${kind}`;
}

/** Applied configurations must consist of fields that the kind has. */
function checkDeclared(resource: Resource, config: KubeJson): void {
  if (resource.shape === undefined) return;
  const { namespace, name } = config.metadata;
  const refuse = (problems: string[]): never => {
    const list = problems.length === 1 ? problems[0] : `errors:\n${problems.map((text) => `  ${text}`).join('\n')}`;
    const subject = `${namespace ?? ''}/${name}; ${gvkText(resource, resource.kind)}`;
    throw new StatusError(500, '', `failed to create typed patch object (${subject}): ${list}`);
  };
  const unknown = decodeTyped(resource.shape, config, (path, found, wanted) =>
    refuse([`.${path}: ${found.startsWith('!') ? found.slice(1) : `expected ${wanted}, got ${found}`}`]),
  );
  if (unknown.length > 0) refuse(unknown.map((path) => `.${path}: field not declared in schema`));
}

/** The part of a configuration that an endpoint writes: the status and everything else are left to each other. */
function written(resource: Resource, config: KubeJson, subresource: string | undefined): KubeJson {
  if (!resource.status) return config;
  const { status, ...rest } = config;
  if (subresource !== 'status') return rest as KubeJson;
  const { name, namespace, uid, resourceVersion } = config.metadata;
  const metadata = {
    name,
    ...(namespace && { namespace }),
    ...(uid && { uid }),
    ...(resourceVersion && { resourceVersion }),
  };
  const own: KubeJson = { apiVersion: config.apiVersion, kind: config.kind, metadata };
  return status === undefined ? own : { ...own, status };
}
