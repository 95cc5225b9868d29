import {
  KustomizationKind,
  type Artifact,
  type Condition,
  type KubeObject,
  type Kustomization,
  type KustomizationSpec,
  type UnstructuredObject,
} from '@gitops-toolkit/api';
import type { Files } from './artifacts.ts';
import type { PostedEvent } from './events.ts';
import type { World } from './toolkit.ts';

/** A namespace with a source `repo` and Kustomizations; names default to `app`. */
export interface Tenant {
  readonly namespace: string;
  /** Gives the source (a GitRepository unless told otherwise) a new artifact; creates it when it does not exist. */
  push(files: Files, revision: string, options?: PushOptions): Promise<Artifact>;
  /** Creates the source without an artifact. */
  emptySource(name?: string): Promise<void>;
  /** Creates a Kustomization with `interval: 1h`, `retryInterval: 1h`, `prune: true`, unless told otherwise. */
  apply(spec?: Partial<KustomizationSpec>, options?: { name?: string; metadata?: object }): Promise<Kustomization>;
  patch(body: object, name?: string): Promise<Kustomization>;
  /** Asks for a run by annotation; resolves with the object when a run has seen it. */
  request(name?: string): Promise<Kustomization>;
  /** The object as soon as it is as wanted. */
  until(wanted: (object: Kustomization) => boolean, name?: string, timeoutMs?: number): Promise<Kustomization>;
  /** Ready at this revision, with the last patch of ours. */
  ready(revision: string, name?: string): Promise<Kustomization>;
  /** Ready False with this reason, and the run over. */
  failed(reason: string, name?: string, timeoutMs?: number): Promise<Kustomization>;
  remove(name?: string): Promise<void>;
  gone(name?: string, timeoutMs?: number): Promise<void>;
  /** Events about the object so far, in order. */
  events(name?: string): PostedEvent[];
  /** The first event that is as wanted. */
  event(wanted: (event: PostedEvent) => boolean, name?: string): Promise<PostedEvent>;
  /** Any object of the namespace, or undefined. */
  find(kind: string, name: string, apiVersion?: string): Promise<UnstructuredObject | undefined>;
  create(...objects: KubeObject[]): Promise<void>;
  /** Merge-patches an object as somebody else. */
  edit(kind: string, name: string, body: object, apiVersion?: string): Promise<UnstructuredObject>;
}

export interface PushOptions {
  name?: string;
  kind?: 'GitRepository' | 'OCIRepository' | 'Bucket' | 'ExternalArtifact';
  /** `status.artifact.metadata`. */
  metadata?: Record<string, string>;
  /** Replaces fields of the artifact, to make it wrong. */
  artifact?: Partial<Artifact>;
}

const sourceSpecs: Record<string, object> = {
  GitRepository: { interval: '1h', url: 'https://git.example.org/repo' },
  OCIRepository: { interval: '1h', url: 'oci://registry.example.org/repo' },
  Bucket: { interval: '1h', bucketName: 'repo', endpoint: 's3.example.org' },
  ExternalArtifact: {},
};

export function createTenant(world: World, namespace: string): Tenant {
  const { client } = world;
  const sourceType = (kind: string) => ({ group: 'source.toolkit.fluxcd.io', version: 'v1', kind });
  const ensureSource = async (name: string, kind: string) => {
    const key = { namespace, name };
    const existing = await client.find(sourceType(kind), key);
    if (existing) return;
    const apiVersion = 'source.toolkit.fluxcd.io/v1';
    const object = { apiVersion, kind, metadata: key, spec: sourceSpecs[kind] };
    await client.create(object as KubeObject);
  };
  const typeOf = (kind: string, apiVersion = 'v1') => {
    const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
    return { group: group!, version: version!, kind };
  };
  let requests = 0;
  /** The watch may be behind our own writes. */
  const generations = new Map<string, number>();
  const tenant: Tenant = {
    namespace,
    async push(files, revision, { name = 'repo', kind = 'GitRepository', metadata, artifact: changes } = {}) {
      await ensureSource(name, kind);
      const artifact: Artifact = {
        ...(await world.artifacts.serve(files)),
        revision,
        lastUpdateTime: '2026-01-01T00:00:00Z',
        ...(metadata && { metadata }),
        ...changes,
      };
      const body = { status: { artifact: { metadata: null, ...artifact }, observedGeneration: 1 } };
      await client.patch(sourceType(kind), { namespace, name }, { type: 'merge', body }, { subresource: 'status' });
      return artifact;
    },
    emptySource: (name = 'repo') => ensureSource(name, 'GitRepository'),
    apply: (spec = {}, { name = 'app', metadata = {} } = {}) =>
      client.create<Kustomization>({
        apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
        kind: 'Kustomization',
        metadata: { ...metadata, namespace, name },
        spec: {
          interval: '1h',
          retryInterval: '1h',
          prune: true,
          sourceRef: { kind: 'GitRepository', name: 'repo' },
          ...spec,
        } as KustomizationSpec,
      }),
    async patch(body, name = 'app') {
      const object = await client.patch<Kustomization>(KustomizationKind, { namespace, name }, { type: 'merge', body });
      generations.set(name, object.metadata.generation!);
      return object;
    },
    async request(name = 'app') {
      const token = `request ${++requests}`;
      await tenant.patch({ metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': token } } }, name);
      return tenant.until(({ status }) => status?.lastHandledReconcileAt === token, name);
    },
    until: (wanted, name = 'app', timeoutMs) =>
      world.arrival(
        namespace,
        () => {
          const object = world.find(namespace, name);
          return object && wanted(object) ? object : undefined;
        },
        timeoutMs,
      ),
    ready: (revision, name = 'app') =>
      tenant.until(
        (object) =>
          condition(object, 'Ready')?.status === 'True' &&
          object.status?.lastAppliedRevision === revision &&
          object.status.observedGeneration === object.metadata.generation &&
          object.metadata.generation! >= (generations.get(name) ?? 1),
        name,
      ),
    failed: (reason, name, timeoutMs) => tenant.until((object) => hasFailed(object, reason), name, timeoutMs),
    async remove(name = 'app') {
      await client.delete(KustomizationKind, { namespace, name });
    },
    async gone(name = 'app', timeoutMs) {
      await world.arrival(namespace, () => (world.find(namespace, name) ? undefined : true), timeoutMs);
    },
    events: (name = 'app') =>
      world.events.all.filter(
        ({ involvedObject }) => involvedObject.namespace === namespace && involvedObject.name === name,
      ),
    event: (wanted, name) => world.arrival(namespace, () => tenant.events(name).find(wanted)),
    find: (kind, name, apiVersion) => client.find(typeOf(kind, apiVersion), { namespace, name }),
    async create(...objects) {
      for (const object of objects) {
        await client.create({ ...object, metadata: { namespace, ...object.metadata } }, { fieldManager: 'somebody' });
      }
    },
    edit: (kind, name, body, apiVersion) =>
      client.patch(
        typeOf(kind, apiVersion),
        { namespace, name },
        { type: 'merge', body },
        { fieldManager: 'somebody' },
      ),
  };
  return tenant;
}

/** The condition of a type. */
export function condition({ status }: Kustomization, type: string): Condition | undefined {
  return status?.conditions?.find((candidate) => candidate.type === type);
}

/** `<type>=<status> <reason>` of every condition, in the order of the status. */
export function conditions({ status }: Kustomization): string[] {
  return (status?.conditions ?? []).map(({ type, status, reason }) => `${type}=${status} ${reason}`);
}

/** Outcomes that are told in the history, which is stored after the conditions. */
const recorded = ['ReconciliationFailed', 'PruneFailed', 'HealthCheckFailed'];

/** Ready False for this reason, and the run over. */
export function hasFailed(object: Kustomization, reason: string): boolean {
  const ready = condition(object, 'Ready');
  const last = object.status?.history?.[0];
  const isRecorded =
    last?.lastReconciledStatus === reason && last.metadata?.revision === object.status?.lastAttemptedRevision;
  if (recorded.includes(reason) && !isRecorded) return false;
  return (
    ready?.status === 'False' && ready.reason === reason && condition(object, 'Reconciling')?.reason !== 'Progressing'
  );
}

/** Ids of the inventory. */
export function inventory({ status }: Kustomization): string[] {
  return (status?.inventory?.entries ?? []).map(({ id }) => id);
}

/** The text of a ConfigMap; without a namespace unless the build or the manifest gives one. */
export function configMap(name: string, data: Record<string, string>, metadata: object = {}): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data });
}
