/** Requests to resources: from a parsed path to a verb to an answer. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { schema } from '@gitops-toolkit/api';
import { reviews } from '../discovery/documents.ts';
import { copyJson, type KubeJson } from '../object/json.ts';
import type { Resource, Verb } from '../resource/resource.ts';
import {
  badRequest,
  invalidOptions,
  methodNotAllowed,
  noSuchResource,
  notFound,
  type Status,
  StatusError,
} from '../status/errors.ts';
import { Stored } from '../store/collection.ts';
import { matcherOf } from '../store/selectors.ts';
import { type Include, partialMetadata, table } from '../table/table.ts';
import type { Cluster, WriteContext } from '../verbs/cluster.ts';
import { create } from '../verbs/create.ts';
import { deleteOptions, remove, removeAll } from '../verbs/delete.ts';
import { checkRevisionOptions, list } from '../verbs/list.ts';
import { patch } from '../verbs/patch.ts';
import { scaleOf, withScale } from '../verbs/scale.ts';
import { change, find, inVersion, type ObjectAddress, replace } from '../verbs/update.ts';
import { type Accepted, negotiate } from './accept.ts';
import { send, sendPlain, sendText } from './answer.ts';
import { mediaType, parseBody, readBody } from './body.ts';
import { jsonPatch, mergePatch } from '../patch/json.ts';
import type { ApiPath } from './request.ts';
import { requestToken, review, type Tokens } from './reviews.ts';
import { serveWatch } from './watch.ts';

export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  query: URLSearchParams;
}

/** What was asked, for the statistics: the verb as Kubernetes names it, and the resource. */
export interface Asked {
  verb: string;
  resource: string;
}

export class Api {
  private readonly cluster: Cluster;
  private readonly tokens: Tokens;

  constructor(cluster: Cluster, tokens: Tokens) {
    this.cluster = cluster;
    this.tokens = tokens;
  }

  /** Serves a request, and notes in `asked` what it was. Throws `StatusError`. */
  async serve(path: ApiPath, exchange: Exchange, asked: Asked): Promise<void> {
    const resource = this.cluster.registry.get(path.apiVersion, path.plural);
    if (resource === undefined) return this.serveReview(path, exchange, asked);
    const { request, query } = exchange;
    const watching = path.watch || ['true', '1'].includes(query.get('watch') ?? '');
    asked.resource = path.subresource ? `${path.plural}/${path.subresource}` : path.plural;
    asked.verb = verbOf(request.method ?? 'GET', path, watching);
    if (resource.namespaced ? path.name !== undefined && path.namespace === undefined : path.namespace !== undefined)
      throw noSuchResource();
    if (path.subresource !== undefined) return this.serveSubresource(resource, path, exchange, asked.verb);
    const ofObject = ['get', 'update', 'patch', 'delete'].includes(asked.verb);
    if (!resource.verbs.includes(asked.verb as Verb) || (asked.verb === 'create' && path.name !== undefined))
      throw methodNotAllowed();
    if (request.method === 'HEAD' || (ofObject && path.name === undefined)) throw methodNotAllowed();
    const address: ObjectAddress = { namespace: path.namespace, name: path.name ?? '' };
    switch (asked.verb) {
      case 'get': {
        const { live } = find(this.cluster, resource, address);
        // Reading in a deprecated version is warned of too.
        return this.answer(exchange, resource, 200, live, resource.custom ? resource.warnings?.(live.object) : []);
      }
      case 'list':
        return this.serveList(resource, path, exchange);
      case 'watch':
        return this.serveWatch(resource, path, exchange);
      case 'create': {
        if (resource.namespaced && path.namespace === undefined) throw methodNotAllowed();
        const context = writeContext(exchange);
        const stored = create(this.cluster, resource, path.namespace, await this.body(exchange), context);
        return this.answer(exchange, resource, 201, stored, context.warnings);
      }
      case 'update': {
        const context = writeContext(exchange);
        const stored = replace(this.cluster, resource, address, await this.body(exchange), context);
        return this.answer(exchange, resource, 200, stored, context.warnings);
      }
      case 'patch':
        return this.servePatch(resource, address, exchange, writeContext(exchange));
      case 'delete':
        return this.serveDelete(resource, address, exchange);
      default:
        return this.serveDeleteCollection(resource, path, exchange);
    }
  }

  private async body({ request }: Exchange): Promise<unknown> {
    return parseBody(await readBody(request), mediaType(request));
  }

  private answer(
    { request, response, query }: Exchange,
    resource: Resource,
    code: number,
    stored: Stored,
    warnings: readonly string[] = [],
  ): void {
    const accepted = negotiate(request.headers.accept);
    if (accepted.form === 'object' && !accepted.yaml)
      return sendText(response, code, stored.text(resource.apiVersion), warnings);
    const object = inVersion(resource, stored.object);
    send(response, code, formed(resource, accepted, object, includeOf(query)), { yaml: accepted.yaml, warnings });
  }

  private serveList(resource: Resource, path: ApiPath, { request, response, query }: Exchange): void {
    const accepted = negotiate(request.headers.accept);
    const revision = revisionOf(query);
    checkRevisionOptions(revision, false);
    const page = list(this.cluster, resource, {
      namespace: path.namespace,
      matches: selectorsOf(resource, path, query),
      limit: numberOf(query, 'limit') ?? 0,
      continueToken: query.get('continue') ?? undefined,
      ...revision,
    });
    const metadata = {
      resourceVersion: page.resourceVersion,
      // Lists of custom resources say that nothing is to come; the others say nothing.
      continue: page.continueToken ?? (resource.custom && accepted.form === 'object' ? '' : undefined),
      remainingItemCount: page.remainingItemCount,
    };
    if (accepted.form === 'object' && !accepted.yaml) {
      const items = page.items.map((stored) => itemText(resource, stored));
      const head = `{"kind":${JSON.stringify(resource.listKind)},"apiVersion":${JSON.stringify(resource.apiVersion)},"metadata":${JSON.stringify(metadata)},"items":[`;
      return sendText(response, 200, `${head}${items.join(',')}]}`);
    }
    const objects = page.items.map((stored) => inVersion(resource, stored.object));
    send(response, 200, formedList(resource, accepted, objects, metadata, includeOf(query)), { yaml: accepted.yaml });
  }

  private serveWatch(resource: Resource, path: ApiPath, { request, response, query }: Exchange): void {
    const watch = {
      namespace: path.namespace,
      matches: selectorsOf(resource, path, query),
      ...revisionOf(query),
      bookmarks: query.get('allowWatchBookmarks') === 'true',
      timeoutSeconds: numberOf(query, 'timeoutSeconds'),
      accepted: negotiate(request.headers.accept),
      include: includeOf(query),
    };
    serveWatch(this.cluster, resource, watch, request, response);
  }

  private async servePatch(
    resource: Resource,
    address: ObjectAddress,
    exchange: Exchange,
    context: WriteContext,
  ): Promise<void> {
    const { request, query } = exchange;
    const text = (await readBody(request)).toString('utf8');
    const patchRequest = {
      type: mediaType(request),
      text,
      force: query.get('force') === 'true',
      namedManager: query.has('fieldManager'),
    };
    const { stored, created } = patch(this.cluster, resource, address, patchRequest, context);
    this.answer(exchange, resource, created ? 201 : 200, stored, context.warnings);
  }

  private async serveDelete(resource: Resource, address: ObjectAddress, exchange: Exchange): Promise<void> {
    const options = deleteOptions(await this.body(exchange), exchange.query);
    const result: Stored | Status = remove(this.cluster, resource, address, options);
    if (result instanceof Stored) this.answer(exchange, resource, 200, result);
    else send(exchange.response, 200, result);
  }

  private async serveDeleteCollection(resource: Resource, path: ApiPath, exchange: Exchange): Promise<void> {
    const options = deleteOptions(await this.body(exchange), exchange.query);
    const matches = selectorsOf(resource, path, exchange.query);
    const removed = removeAll(this.cluster, resource, path.namespace, matches, options);
    const metadata = { resourceVersion: String(this.cluster.store.revision) };
    send(exchange.response, 200, {
      kind: resource.listKind,
      apiVersion: resource.apiVersion,
      metadata,
      items: removed.map((object) => itemOf(resource, object)),
    });
  }

  private async serveSubresource(resource: Resource, path: ApiPath, exchange: Exchange, verb: string): Promise<void> {
    const address: ObjectAddress = { namespace: path.namespace, name: path.name! };
    const name = path.subresource!;
    if (name === 'status' && resource.status) return this.serveStatus(resource, address, exchange, verb);
    if (name === 'scale' && resource.scale) return this.serveScale(resource, address, exchange, verb);
    if (name === 'token' && resource.collection === '/serviceaccounts' && verb === 'create') {
      return send(
        exchange.response,
        201,
        requestToken(this.cluster, this.tokens, path.namespace!, path.name!, await this.body(exchange)),
      );
    }
    if (name === 'finalize' && resource.collection === '/namespaces' && verb === 'update') {
      const context = writeContext(exchange);
      return this.answer(
        exchange,
        resource,
        200,
        replace(this.cluster, resource, address, await this.body(exchange), context),
      );
    }
    if (name === 'log' && resource.collection === '/pods' && verb === 'get') {
      find(this.cluster, resource, address);
      exchange.response.writeHead(200, { 'Content-Type': 'text/plain' }).end();
      return;
    }
    // The path of a custom resource's unknown subresource leads to the object, where it is missed.
    if (resource.custom) throw notFound(resource, path.name!);
    throw noSuchResource();
  }

  private async serveStatus(
    resource: Resource,
    address: ObjectAddress,
    exchange: Exchange,
    verb: string,
  ): Promise<void> {
    const context = writeContext(exchange, 'status');
    if (verb === 'get') return this.answer(exchange, resource, 200, find(this.cluster, resource, address).live);
    if (verb === 'patch') return this.servePatch(resource, address, exchange, context);
    if (verb !== 'update') {
      if (!resource.custom) throw methodNotAllowed();
      const { group, plural } = resource;
      const text = `${verb} is not supported on resources of kind "${plural}.${group}"`;
      throw new StatusError(405, 'MethodNotAllowed', text, { group, kind: plural });
    }
    const stored = replace(this.cluster, resource, address, await this.body(exchange), context);
    this.answer(exchange, resource, 200, stored, context.warnings);
  }

  private async serveScale(
    resource: Resource,
    address: ObjectAddress,
    exchange: Exchange,
    verb: string,
  ): Promise<void> {
    const live = inVersion(resource, find(this.cluster, resource, address).live.object);
    if (verb === 'get') return send(exchange.response, 200, scaleOf(resource, live));
    const text = await readBody(exchange.request);
    let scale: unknown;
    if (verb === 'update') scale = parseBody(text, mediaType(exchange.request));
    else if (verb === 'patch') {
      const body = parseBody(text, 'application/json');
      const current = scaleOf(resource, live);
      scale =
        mediaType(exchange.request) === 'application/json-patch+json'
          ? jsonPatch(current, body)
          : mergePatch(copyJson(current), body);
    } else throw methodNotAllowed();
    const context = writeContext(exchange, 'scale');
    const stored = change(this.cluster, resource, address, withScale(resource, live, scale), context);
    send(exchange.response, 200, scaleOf(resource, stored.object));
  }

  private async serveReview(path: ApiPath, exchange: Exchange, asked: Asked): Promise<void> {
    const found = reviews.find(
      (candidate) => `${candidate.group}/v1` === path.apiVersion && candidate.plural === path.plural,
    );
    if (found === undefined && !this.cluster.registry.serves(path.apiVersion)) {
      return sendPlain(exchange.response, 404, '404 page not found\n');
    }
    if (found === undefined || path.name !== undefined) throw noSuchResource();
    if (exchange.request.method !== 'POST') throw methodNotAllowed();
    asked.verb = 'create';
    asked.resource = path.plural;
    send(exchange.response, 201, review(found.kind, this.tokens, await this.body(exchange)));
  }
}

function verbOf(method: string, path: ApiPath, watching: boolean): string {
  switch (method) {
    case 'GET':
    case 'HEAD':
      return path.name !== undefined && !path.watch ? 'get' : watching ? 'watch' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return path.name === undefined ? 'deletecollection' : 'delete';
    default:
      return method.toLowerCase();
  }
}

function selectorsOf(resource: Resource, path: ApiPath, query: URLSearchParams) {
  const fields = [query.get('fieldSelector'), path.name === undefined ? undefined : `metadata.name=${path.name}`]
    .filter(Boolean)
    .join(',');
  return matcherOf({ labels: query.get('labelSelector'), fields }, resource);
}

function numberOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^-?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

function revisionOf(query: URLSearchParams) {
  return {
    resourceVersion: query.get('resourceVersion') ?? undefined,
    resourceVersionMatch: query.get('resourceVersionMatch') ?? undefined,
    sendInitialEvents: query.has('sendInitialEvents') ? query.get('sendInitialEvents') === 'true' : undefined,
  };
}

/** An item of a list. Lists of built-in kinds name the kind once, for all of their items. */
function itemText(resource: Resource, stored: Stored): string {
  const text = stored.text(resource.apiVersion);
  if (resource.custom) return text;
  const [kind, version] = [
    `"kind":${JSON.stringify(resource.kind)}`,
    `"apiVersion":${JSON.stringify(resource.apiVersion)}`,
  ];
  for (const head of [`{${version},${kind},`, `{${kind},${version},`])
    if (text.startsWith(head)) return `{${text.slice(head.length)}`;
  return JSON.stringify(itemOf(resource, stored.object));
}

function itemOf(resource: Resource, object: KubeJson): object {
  if (resource.custom) return object;
  const { apiVersion: _, kind: __, ...rest } = object;
  return rest;
}

function includeOf(query: URLSearchParams): Include {
  const value = query.get('includeObject') || 'Metadata';
  if (value === 'None' || value === 'Object' || value === 'Metadata') return value;
  const problem = `Invalid value: ${JSON.stringify(value)}: must be 'Metadata', 'Object', 'None', or empty`;
  throw badRequest(`Unable to convert to Table as requested: includeObject: ${problem}`);
}

function formed(resource: Resource, accepted: Accepted, object: KubeJson, include: Include): object {
  if (accepted.form === 'table')
    return table(resource, [object], { resourceVersion: object.metadata.resourceVersion }, include);
  return accepted.form === 'metadata' ? partialMetadata(object, accepted.version) : object;
}

function formedList(
  resource: Resource,
  accepted: Accepted,
  objects: KubeJson[],
  metadata: object,
  include: Include,
): object {
  if (accepted.form === 'table') return table(resource, objects, metadata, include);
  if (accepted.form === 'metadata') {
    const items = objects.map((object) => partialMetadata(object, accepted.version));
    return { kind: 'PartialObjectMetadataList', apiVersion: `meta.k8s.io/${accepted.version}`, metadata, items };
  }
  const items = objects.map((object) => itemOf(resource, object));
  return { kind: resource.listKind, apiVersion: resource.apiVersion, metadata, items };
}

const validations = ['', 'Ignore', 'Strict', 'Warn'];
const optionKinds: Record<string, string> = { POST: 'CreateOptions', PUT: 'UpdateOptions', PATCH: 'PatchOptions' };

/** How a write is to be done, from the query. Throws 422. */
function writeContext({ request, query }: Exchange, subresource?: 'status' | 'scale'): WriteContext {
  const kind = optionKinds[request.method ?? ''] ?? 'UpdateOptions';
  const dryRun = query.getAll('dryRun').filter(Boolean);
  if (dryRun.some((value) => value !== 'All'))
    throw invalidOptions(kind, schema.notSupported('dryRun', dryRun, ['All']));
  const fieldValidation = query.get('fieldValidation') || 'Warn';
  if (!validations.includes(fieldValidation)) {
    throw invalidOptions(kind, schema.notSupported('fieldValidation', fieldValidation, validations));
  }
  const manager = query.get('fieldManager') || managerOf(request.headers['user-agent']);
  if (manager.length > 128) throw invalidOptions(kind, schema.tooLong('fieldManager', 128));
  return {
    dryRun: dryRun.length > 0,
    manager,
    fieldValidation: fieldValidation as WriteContext['fieldValidation'],
    warnings: [],
    subresource,
  };
}

/** A client that does not name itself is known by the first part of its user agent. */
function managerOf(userAgent: string | undefined): string {
  return (userAgent ?? 'unknown').split('/')[0]!.slice(0, 128) || 'unknown';
}
