import { load } from 'js-yaml';
import { schema } from '@gitops-toolkit/api';
import { decodeTyped } from '../builtin/decode.ts';
import { applyConfig } from '../apply/managers.ts';
import { duplicateItems } from '../apply/typed.ts';
import { copyJson, type KubeJson, valueAt } from '../object/json.ts';
import { jsonPatch, mergePatch } from '../patch/json.ts';
import { strategicMergePatch } from '../patch/strategic.ts';
import type { Resource } from '../resource/resource.ts';
import {
  badRequest,
  conflict,
  invalidObject,
  invalidOptions,
  modified,
  StatusError,
  unsupportedMediaType,
} from '../status/errors.ts';
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
  if (next.apiVersion !== resource.apiVersion || next.kind !== resource.kind) {
    const wanted = `must be ${resource.kind}`;
    if (resource.custom && next.kind !== resource.kind) {
      const subject = { ...resource, kind: String(next.kind) };
      throw invalidObject(subject, address.name, [schema.invalid('kind', next.kind, wanted)]);
    }
    throw unreadable(request, next, `${String(next.apiVersion)}, Kind=${String(next.kind)} ${wanted}`);
  }
  try {
    decodeFields(resource, next, context);
  } catch (error) {
    if (
      !(error instanceof StatusError) ||
      error.reason !== 'BadRequest' ||
      (resource.custom && context.fieldValidation !== 'Strict')
    )
      throw error;
    throw unreadable(request, next, error.message.replace(/^.* cannot be handled as an? [^:]*: /, ''));
  }
  if (next.metadata.name !== address.name) {
    throw badRequest(
      `the name of the object (${next.metadata.name ?? ''}) does not match the name on the URL (${address.name})`,
    );
  }
  placeInNamespace(resource, next, address.namespace);
  const before = live.object.metadata.uid;
  if (next.metadata.uid && next.metadata.uid !== before) {
    const issue = schema.invalid('metadata.uid', next.metadata.uid, 'field is immutable');
    throw invalidObject(resource, address.name, [issue, issue]);
  }
  // A patch need not say which revision it is for; one that does means it.
  if (!next.metadata.resourceVersion) next.metadata.resourceVersion = live.object.metadata.resourceVersion;
  return { stored: change(cluster, resource, address, next, context), created: false };
}

/** What a patch made cannot be read as the kind; the answer quotes it. */
function unreadable(request: PatchRequest, next: KubeJson, problem: string): StatusError {
  const quoted = request.type === patchTypes.strategic ? goText(JSON.parse(request.text)) : JSON.stringify(next);
  const text = schema.invalid('patch', quoted, problem);
  return invalidObject({ group: '', plural: '', kind: '' }, '', [text]);
}

/** A value as Go prints it: `map[a:map[b:1]]`. */
function goText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (!schema.isObject(value)) return value === null ? '<nil>' : String(value);
  const fields = Object.keys(value).sort();
  return `map[${fields.map((name) => `${name}:${goText(value[name])}`).join(' ')}]`;
}

function patched(resource: Resource, live: KubeJson, request: PatchRequest): unknown {
  const accepted = [
    patchTypes.json,
    patchTypes.merge,
    ...(resource.custom ? [] : [patchTypes.strategic]),
    patchTypes.apply,
  ];
  if (resource.custom && request.type === patchTypes.strategic) throw unsupportedMediaType(accepted);
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
  const unprintable = [...context.manager].findIndex((char) => !/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(char));
  if (unprintable >= 0) {
    const code = context.manager.codePointAt(unprintable) ?? 0;
    const text = `invalid character U+${code.toString(16).toUpperCase().padStart(4, '0')} (at position ${unprintable})`;
    throw invalidOptions('PatchOptions', schema.invalid('fieldManager', context.manager, text));
  }
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
  resource.decode(merged);
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
  const { uid } = config.metadata;
  if (uid) {
    const mismatch = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
    throw conflict(resource, address.name, mismatch);
  }
  const identity: KubeJson = {
    apiVersion: resource.apiVersion,
    kind: resource.kind,
    metadata: { name: address.name, namespace: address.namespace },
  };
  if (!resource.namespaced) delete identity.metadata.namespace;
  const { object } = applyConfig(shapeOf(resource), identity, config, options);
  const managedFields = object.metadata.managedFields;
  const made = copyJson(object);
  resource.decode(made);
  return insert(cluster, resource, made, context, () => managedFields);
}

function readConfig(resource: Resource, address: ObjectAddress, text: string): KubeJson {
  let body: unknown;
  try {
    body = text.trimStart().startsWith('{') ? JSON.parse(text) : load(text);
  } catch (error) {
    throw badRequest(`error decoding YAML: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
  }
  if (!schema.isObject(body)) throw badRequest('error decoding YAML: the body is not an object');
  if (!body.kind || !body.apiVersion) {
    const given = `${String(body.apiVersion ?? '').includes('/') ? '' : '/'}${String(body.apiVersion ?? '')}`;
    throw badRequest(`invalid object type: ${given}, Kind=${String(body.kind ?? '')}`);
  }
  if (body.apiVersion !== resource.apiVersion) {
    const versions = `Specified patch version: ${String(body.apiVersion)}, expected: ${resource.apiVersion}`;
    throw badRequest(`Incorrect version specified in apply patch. ${versions}`);
  }
  if (body.kind !== resource.kind) throw badRequest(`invalid object type: ${gvkText(resource, String(body.kind))}`);
  body.metadata ??= {};
  if (!schema.isObject(body.metadata)) throw badRequest('metadata is not an object');
  if (!body.metadata.name) {
    const problem = 'was undeterminable: name must be provided';
    throw badRequest(`the name of the object (${address.name} based on URL) ${problem}`);
  }
  if (body.metadata.name !== address.name) {
    const given = String(body.metadata.name);
    throw badRequest(`the name of the object (${given}) does not match the name on the URL (${address.name})`);
  }
  if (Array.isArray(body.metadata.managedFields)) throw badRequest('metadata.managedFields must be nil');
  return body as KubeJson;
}

/** What the merge library calls a Go type. */
function typedName(goType: string): string {
  if (goType.startsWith('map') || goType === 'struct') return 'map';
  if (goType.startsWith('[]')) return 'list';
  if (goType === 'bool') return 'boolean';
  return goType === 'string' ? 'string' : 'numeric';
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
  // On a copy: nulls that go when the object is read are owned all the same.
  const unknown = decodeTyped(resource.shape, copyJson(config), (path, found, wanted) =>
    refuse([
      `.${path}: ${found.startsWith('!') ? found.slice(1) : `expected ${typedName(wanted)}, got &{${goText(valueAt(config, ...path.split('.')))}}`}`,
    ]),
  );
  if (unknown.length > 0) refuse(unknown.map((path) => `.${path}: field not declared in schema`));
  const repeated = duplicateItems(shapeOf(resource), config);
  if (repeated.length > 0) refuse(repeated);
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
