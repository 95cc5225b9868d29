/** The client: each method is one request (lists: one a page), made of a path, a query and a body. */
import {
  gvkOf,
  type GroupVersionKind,
  type KubeObject,
  type ObjectKey,
  type ResourceType,
  type UnstructuredObject,
} from '@gitops-toolkit/api';
import type { ClientConfig } from '../config/config.ts';
import { createMapper } from '../discovery/mapper.ts';
import { isExpired, isNoMatch, isNotFound } from '../errors.ts';
import { createTransport, type Transport } from '../transport/transport.ts';
import type {
  CallOptions,
  Impersonation,
  KubeClient,
  ListOptions,
  ObjectList,
  Patch,
  PatchOptions,
  RestMapper,
  TypeRef,
  WriteOptions,
} from '../types.ts';
import { impersonationHeaders } from './impersonation.ts';
import { collectionPath, objectPath, queryString } from './paths.ts';
import { watchEvents, withKind } from './watch.ts';

const defaultPageSize = 500;

const metadataOf = (as: string) => `application/json;as=${as};g=meta.k8s.io;v=v1`;

const patchTypes: Record<Patch['type'], string> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

/** A client for the API server that `config` describes. It connects when it is first used. */
export function createClient(config: ClientConfig): KubeClient {
  const transport = createTransport(config);
  const mapper = createMapper((path, accept, options) =>
    transport.call({ ...callOf(options), method: 'GET', path, accept, verb: 'get', resource: '', repeatable: true }),
  );
  return clientAs(config.impersonate, config.server, transport, mapper);
}

function callOf(options: CallOptions = {}) {
  return { signal: options.signal, timeoutMs: options.timeoutMs };
}

function writeQuery(options: WriteOptions & { force?: boolean } = {}) {
  return queryString({
    fieldManager: options.fieldManager,
    dryRun: options.dryRun ? 'All' : undefined,
    fieldValidation: options.fieldValidation,
    force: options.force,
  });
}

function resourceName(type: ResourceType, subresource?: string): string {
  return subresource ? `${type.plural}/${subresource}` : type.plural;
}

function clientAs(
  identity: Impersonation | undefined,
  server: string,
  transport: Transport,
  mapper: RestMapper,
): KubeClient {
  const headers = impersonationHeaders(identity);

  async function resolve(type: TypeRef, options?: CallOptions): Promise<ResourceType> {
    return 'plural' in type ? type : mapper.resourceFor(type as GroupVersionKind, options);
  }

  async function get<T extends KubeObject>(
    ref: TypeRef,
    key: ObjectKey,
    options: CallOptions & { metadataOnly?: boolean } = {},
  ): Promise<T> {
    const type = await resolve(ref, options);
    const { body } = await transport.call({
      ...callOf(options),
      headers,
      method: 'GET',
      path: objectPath(type, key, 'get'),
      accept: options.metadataOnly ? metadataOf('PartialObjectMetadata') : undefined,
      repeatable: true,
      verb: 'get',
      resource: type.plural,
    });
    return withKind(body as T, type);
  }

  async function list<T extends KubeObject>(ref: TypeRef, options: ListOptions = {}): Promise<ObjectList<T>> {
    const type = await resolve(ref, options);
    const path = collectionPath(type, options.namespace);
    const { labelSelector, fieldSelector, resourceVersion, resourceVersionMatch } = options;
    const page = async (limit: number | undefined, next: string | undefined) => {
      const query = next
        ? { labelSelector, fieldSelector, limit, continue: next }
        : { labelSelector, fieldSelector, limit, resourceVersion, resourceVersionMatch };
      const { body } = await transport.call({
        ...callOf(options),
        headers,
        method: 'GET',
        path: path + queryString(query),
        accept: options.metadataOnly ? metadataOf('PartialObjectMetadataList') : undefined,
        compressed: true,
        repeatable: true,
        verb: 'list',
        resource: type.plural,
      });
      return body as { metadata?: { resourceVersion?: string; continue?: string }; items?: T[] | null };
    };

    const items: T[] = [];
    let limit: number | undefined = options.pageSize ?? defaultPageSize;
    let next: string | undefined;
    for (;;) {
      try {
        const { metadata, items: some } = await page(limit, next);
        for (const object of some ?? []) items.push(withKind(object, type));
        next = metadata?.continue || undefined;
        if (!next) return { items, resourceVersion: metadata?.resourceVersion ?? '' };
      } catch (error) {
        // The snapshot that the pages come from is gone before the last page: only an undivided list is consistent.
        if (!next || !isExpired(error)) throw error;
        items.length = 0;
        next = undefined;
        limit = undefined;
      }
    }
  }

  async function write<T>(
    method: 'POST' | 'PUT' | 'PATCH',
    type: ResourceType,
    path: string,
    body: unknown,
    options: PatchOptions & { contentType?: string; repeatable?: boolean },
  ): Promise<T> {
    const answer = await transport.call({
      ...callOf(options),
      headers,
      method,
      path: path + writeQuery(options),
      body: JSON.stringify(body),
      contentType: options.contentType ?? 'application/json',
      repeatable: options.repeatable,
      verb: { POST: 'create', PUT: 'update', PATCH: 'patch' }[method],
      resource: resourceName(type, options.subresource),
    });
    return withKind(answer.body as KubeObject, type) as T;
  }

  async function patch<T extends KubeObject>(
    ref: TypeRef,
    key: ObjectKey,
    change: Patch,
    options: PatchOptions = {},
  ): Promise<T> {
    const type = await resolve(ref, options);
    return write<T>('PATCH', type, objectPath(type, key, 'patch', options.subresource), change.body, {
      ...options,
      force: change.type === 'apply' ? options.force : undefined,
      contentType: patchTypes[change.type],
      // Sent twice, these change as much as sent once; at worst the second one conflicts with the first.
      repeatable: change.type === 'apply' || change.type === 'merge',
    });
  }

  return {
    server,
    mapper,
    get,
    list,
    patch,
    async find<T extends KubeObject>(ref: TypeRef, key: ObjectKey, options?: CallOptions & { metadataOnly?: boolean }) {
      try {
        return await get<T>(ref, key, options);
      } catch (error) {
        if (isNotFound(error) || isNoMatch(error)) return undefined;
        throw error;
      }
    },
    async *watch<T extends KubeObject>(ref: TypeRef, options: Parameters<KubeClient['watch']>[1]) {
      const type = await resolve(ref, options);
      const path = collectionPath(type, options.namespace);
      const { labelSelector, fieldSelector, resourceVersion, resourceVersionMatch, timeoutSeconds } = options;
      const selection = { labelSelector, fieldSelector, resourceVersion, resourceVersionMatch, timeoutSeconds };
      const chunks = transport.stream({
        signal: options.signal,
        headers,
        method: 'GET',
        path: path + queryString({ watch: true, allowWatchBookmarks: true, ...selection }),
        accept: options.metadataOnly ? metadataOf('PartialObjectMetadata') : undefined,
        repeatable: true,
        verb: 'watch',
        resource: type.plural,
      });
      yield* watchEvents<T>(chunks, type, path, transport.maxBytes);
    },
    async create<T extends KubeObject>(object: T, options: WriteOptions = {}) {
      const type = await resolve(gvkOf(object), options);
      const { namespace, name } = object.metadata;
      const path = options.subresource
        ? objectPath(type, { namespace, name }, 'create', options.subresource)
        : collectionPath(type, namespace);
      return write<T>('POST', type, path, object, options);
    },
    async update<T extends KubeObject>(object: T, options: WriteOptions = {}) {
      const type = await resolve(gvkOf(object), options);
      return write<T>('PUT', type, objectPath(type, object.metadata, 'update', options.subresource), object, options);
    },
    async apply<T extends KubeObject>(object: T, options: PatchOptions & { fieldManager: string }) {
      const body = { ...object, metadata: { ...object.metadata, managedFields: undefined } };
      return patch<T>(gvkOf(object), object.metadata, { type: 'apply', body }, options);
    },
    async delete(ref, key, options = {}) {
      const type = await resolve(ref, options);
      const { preconditions, propagationPolicy, gracePeriodSeconds, dryRun } = options;
      const { body } = await transport.call({
        ...callOf(options),
        headers,
        method: 'DELETE',
        path: objectPath(type, key, 'delete'),
        body: JSON.stringify({
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          preconditions,
          propagationPolicy,
          gracePeriodSeconds,
          dryRun: dryRun ? ['All'] : undefined,
        }),
        contentType: 'application/json',
        verb: 'delete',
        resource: type.plural,
      });
      return body as UnstructuredObject;
    },
    async request<T>(method: string, path: string, options: Parameters<KubeClient['request']>[2] = {}) {
      const { body, contentType = 'application/json', query = {} } = options;
      const answer = await transport.call({
        ...callOf(options),
        headers,
        method,
        path: path + queryString(query),
        accept: 'application/json, */*',
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body), contentType }),
        repeatable: method === 'GET' || method === 'HEAD',
        verb: method.toLowerCase(),
        resource: '',
      });
      return answer.body as T;
    },
    impersonate: (other) => clientAs(other, server, transport, mapper),
    close: () => transport.close(),
  };
}
