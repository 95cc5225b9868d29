/** The contract of this package: what a client, an informer and a mapper do. Implementations live beside it. */
import type { GroupVersionKind, KubeObject, ObjectKey, ResourceType, UnstructuredObject } from '@gitops-toolkit/api';

/** A kind to act on. With `plural` no discovery request is needed; without it the client's mapper looks it up. */
export type TypeRef = ResourceType | GroupVersionKind;

/** What every call takes. */
export interface CallOptions {
  /** Cancels the call. */
  signal?: AbortSignal;
  /** Deadline of one request in milliseconds; default 30_000 (watches: none). */
  timeoutMs?: number;
}

export interface WriteOptions extends CallOptions {
  fieldManager?: string;
  /** `dryRun=All`: the server validates and answers, and stores nothing. */
  dryRun?: boolean;
  fieldValidation?: 'Strict' | 'Warn' | 'Ignore';
  subresource?: 'status' | 'scale';
}

export interface PatchOptions extends WriteOptions {
  /** Only for apply patches: take over fields that other managers own. */
  force?: boolean;
}

export interface DeleteOptions extends CallOptions {
  preconditions?: { uid?: string; resourceVersion?: string };
  propagationPolicy?: 'Foreground' | 'Background' | 'Orphan';
  gracePeriodSeconds?: number;
  dryRun?: boolean;
}

export interface ListOptions extends CallOptions {
  /** Absent: all namespaces. */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** Objects a page; default 500. Every page is fetched. */
  pageSize?: number;
  resourceVersion?: string;
  resourceVersionMatch?: 'Exact' | 'NotOlderThan';
  /** Ask for `PartialObjectMetadata` instead of whole objects. */
  metadataOnly?: boolean;
}

export interface ObjectList<T> {
  items: T[];
  resourceVersion: string;
}

export interface WatchOptions extends Omit<ListOptions, 'pageSize' | 'timeoutMs'> {
  /** Where to start; events after it are delivered. */
  resourceVersion: string;
  /** When the server is to end the watch; its own default is a random 30 to 60 minutes. */
  timeoutSeconds?: number;
}

export type WatchEvent<T> =
  { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: T } | { type: 'BOOKMARK'; resourceVersion: string };

/** A patch body with its kind. */
export type Patch =
  | { type: 'json'; body: JsonPatchOperation[] }
  | { type: 'merge'; body: object }
  | { type: 'strategic'; body: object }
  | { type: 'apply'; body: KubeObject };

export interface JsonPatchOperation {
  op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  path: string;
  from?: string;
  value?: unknown;
}

/** Identity to act as, by impersonation headers. */
export interface Impersonation {
  user: string;
  groups?: string[];
  uid?: string;
  extra?: Record<string, string[]>;
}

/**
 * Typed access to any kind of a Kubernetes API server over pooled keep-alive connections. Every failure is an
 * `ApiError` (see errors.ts) or the reason of the caller's signal; besides, `NoMatchError` for a kind that the server does
 * not serve, `DiscoveryError` when it cannot tell, and `CredentialsError` when there are no credentials to send. Safe to share; holds no per-object state.
 */
export interface KubeClient {
  /** Base URL of the API server. */
  readonly server: string;
  /** Discovery, cached; see `RestMapper`. */
  readonly mapper: RestMapper;

  get<T extends KubeObject = UnstructuredObject>(
    type: TypeRef,
    key: ObjectKey,
    options?: CallOptions & { metadataOnly?: boolean },
  ): Promise<T>;
  /** Like get, but undefined when the object (or its kind, on the server) does not exist. */
  find<T extends KubeObject = UnstructuredObject>(
    type: TypeRef,
    key: ObjectKey,
    options?: CallOptions & { metadataOnly?: boolean },
  ): Promise<T | undefined>;
  list<T extends KubeObject = UnstructuredObject>(type: TypeRef, options?: ListOptions): Promise<ObjectList<T>>;
  /**
   * One watch request as a stream of events; ends when the server closes it, throws `ApiError` with reason `Expired`
   * on 410. Resuming is the informer's business.
   */
  watch<T extends KubeObject = UnstructuredObject>(type: TypeRef, options: WatchOptions): AsyncIterable<WatchEvent<T>>;
  create<T extends KubeObject>(object: T, options?: WriteOptions): Promise<T>;
  update<T extends KubeObject>(object: T, options?: WriteOptions): Promise<T>;
  patch<T extends KubeObject = UnstructuredObject>(
    type: TypeRef,
    key: ObjectKey,
    patch: Patch,
    options?: PatchOptions,
  ): Promise<T>;
  /** Server-side apply of `object` (without managedFields) as `fieldManager`. */
  apply<T extends KubeObject>(object: T, options: PatchOptions & { fieldManager: string }): Promise<T>;
  /** Answers the deleted object or Status; NotFound is thrown like any error. */
  delete(type: TypeRef, key: ObjectKey, options?: DeleteOptions): Promise<UnstructuredObject>;
  /** Any other request. `path` starts with a slash; the answer is parsed JSON, or text for other content types. */
  request<T = unknown>(
    method: string,
    path: string,
    options?: CallOptions & { body?: unknown; contentType?: string; query?: Record<string, string> },
  ): Promise<T>;

  /** The same connection pool, acting as somebody else. */
  impersonate(identity: Impersonation): KubeClient;
  /** Ends idle connections and fails calls in flight. Derived clients end with their origin. */
  close(): Promise<void>;
}

/** A kind as discovery describes it. */
export interface DiscoveredResource extends ResourceType {
  /** Verbs the resource has, such as `list`. */
  verbs: string[];
  singular: string;
  shortNames: string[];
  categories: string[];
}

/** Discovery: kinds to resources. Answers from a cache; an unknown kind refreshes it at most once per 5 s. */
export interface RestMapper {
  /** Throws `NoMatchError` for a kind that the server does not serve. */
  resourceFor(gvk: GroupVersionKind, options?: CallOptions): Promise<DiscoveredResource>;
  /** Every kind the server serves, preferred versions first. */
  resources(options?: CallOptions): Promise<DiscoveredResource[]>;
  /** Preferred version of a group and kind. */
  preferred(group: string, kind: string, options?: CallOptions): Promise<DiscoveredResource>;
  /** Forget what is known, for instance after CRDs were applied. */
  invalidate(): void;
}

/** A watched local copy of the objects of one kind. Objects it hands out are shared: treat them as read-only. */
export interface Informer<T extends KubeObject = UnstructuredObject> {
  /** Until discovery has answered for a kind that was given without its plural, `plural` is empty. */
  readonly type: ResourceType;
  readonly synced: boolean;
  /** Resolves after the first complete list. */
  waitForSync(signal?: AbortSignal): Promise<void>;
  get(key: ObjectKey): T | undefined;
  list(filter?: { namespace?: string }): T[];
  /** May be called before or after the start. */
  addIndex(name: string, values: (object: T) => string[]): void;
  byIndex(name: string, value: string): T[];
  /** Handlers are called in order of events; on subscribing, `added` is called for what is already there. */
  subscribe(handler: InformerHandler<T>): () => void;
}

export interface InformerHandler<T> {
  added?(object: T): void;
  updated?(object: T, old: T): void;
  deleted?(object: T): void;
}

export interface InformerOptions {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** Hold `PartialObjectMetadata` only. */
  metadataOnly?: boolean;
  /**
   * Applied once to each object before it is stored, for instance to drop what nobody reads. It may change the object
   * in place. Informers are shared only by those who pass the same function.
   */
  transform?: (object: UnstructuredObject) => UnstructuredObject;
}

/** Informers shared per (kind, options); one watch each. */
export interface InformerCache {
  informer<T extends KubeObject = UnstructuredObject>(type: TypeRef, options?: InformerOptions): Informer<T>;
  /** Starts every informer asked for so far and later; ends with `signal`. */
  start(signal: AbortSignal): void;
  /** Waits for the first complete list of every informer, except for kinds that the server does not serve (yet). */
  waitForSync(signal?: AbortSignal): Promise<void>;
}
