/** What an API server serves: one request for everything where the server can, one for each group version otherwise. */
import { apiVersionOf } from '@gitops-toolkit/api';
import { versionPath } from '../client/paths.ts';
import type { CallOptions, DiscoveredResource } from '../types.ts';

/** Everything known about a server. */
export interface Discovery {
  /** In the server's order: core first, and of each group the preferred version first. */
  resources: DiscoveredResource[];
  /** Group versions (`group/version`) that are served but could not be asked about, and why. */
  failures: Map<string, Error>;
}

/** A GET request with an `Accept` header. */
export type Fetch = (path: string, accept: string | undefined, options?: CallOptions) => Promise<{ body: unknown }>;

interface AggregatedList {
  kind: 'APIGroupDiscoveryList';
  items?: {
    metadata?: { name?: string };
    versions?: {
      version: string;
      freshness?: string;
      resources?: {
        resource: string;
        responseKind?: { group?: string; version?: string; kind?: string };
        scope: 'Namespaced' | 'Cluster';
        singularResource?: string;
        shortNames?: string[];
        categories?: string[];
        verbs?: string[];
      }[];
    }[];
  }[];
}

interface GroupList {
  kind: 'APIGroupList';
  groups?: { name: string; versions: { version: string }[]; preferredVersion?: { version: string } }[];
}

interface ResourceList {
  resources?: {
    name: string;
    kind: string;
    namespaced: boolean;
    singularName?: string;
    shortNames?: string[];
    categories?: string[];
    verbs?: string[];
  }[];
}

const aggregated = ['v2', 'v2beta1']
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .concat('application/json')
  .join(',');

/** Asks the server. A group that cannot be asked about is a failure of its own and does not stop the others. */
export async function discover(fetch: Fetch, options?: CallOptions): Promise<Discovery> {
  const parts = await Promise.all([discoverRoot(fetch, '/api', options), discoverRoot(fetch, '/apis', options)]);
  return {
    resources: parts.flatMap((part) => part.resources),
    failures: new Map(parts.flatMap((part) => [...part.failures])),
  };
}

async function discoverRoot(fetch: Fetch, root: '/api' | '/apis', options?: CallOptions): Promise<Discovery> {
  const { body } = await fetch(root, aggregated, options);
  if ((body as AggregatedList).kind === 'APIGroupDiscoveryList') return fromAggregated(body as AggregatedList);
  const versions =
    root === '/api'
      ? ((body as { versions?: string[] }).versions ?? []).map((version) => ({ group: '', version }))
      : ((body as GroupList).groups ?? []).flatMap(groupVersions);
  return fromGroupVersions(fetch, versions, options);
}

function groupVersions(group: NonNullable<GroupList['groups']>[number]) {
  const preferred = group.preferredVersion?.version;
  const versions = group.versions.map(({ version }) => ({ group: group.name, version }));
  return [
    ...versions.filter(({ version }) => version === preferred),
    ...versions.filter(({ version }) => version !== preferred),
  ];
}

function fromAggregated(list: AggregatedList): Discovery {
  const found: Discovery = { resources: [], failures: new Map() };
  for (const item of list.items ?? []) {
    const group = item.metadata?.name ?? '';
    for (const { version, freshness, resources = [] } of item.versions ?? []) {
      if (freshness === 'Stale' && resources.length === 0) {
        const text = apiVersionOf({ group, version });
        found.failures.set(text, new Error(`the API server cannot reach what serves ${text}`));
      }
      for (const resource of resources) {
        // A resource without a kind exists only for its subresources.
        if (!resource.responseKind?.kind) continue;
        found.resources.push({
          group,
          version,
          kind: resource.responseKind.kind,
          plural: resource.resource,
          namespaced: resource.scope === 'Namespaced',
          verbs: resource.verbs ?? [],
          singular: resource.singularResource ?? '',
          shortNames: resource.shortNames ?? [],
          categories: resource.categories ?? [],
        });
      }
    }
  }
  return found;
}

async function fromGroupVersions(
  fetch: Fetch,
  versions: { group: string; version: string }[],
  options?: CallOptions,
): Promise<Discovery> {
  const found: Discovery = { resources: [], failures: new Map() };
  const lists = await Promise.all(
    versions.map(async (type) => {
      try {
        const { body } = await fetch(versionPath(type), undefined, options);
        return (body as ResourceList).resources ?? [];
      } catch (error) {
        options?.signal?.throwIfAborted();
        found.failures.set(apiVersionOf(type), error as Error);
        return [];
      }
    }),
  );
  for (const [index, { group, version }] of versions.entries()) {
    for (const resource of lists[index] ?? []) {
      if (resource.name.includes('/')) continue;
      found.resources.push({
        group,
        version,
        kind: resource.kind,
        plural: resource.name,
        namespaced: resource.namespaced,
        verbs: resource.verbs ?? [],
        singular: resource.singularName ?? '',
        shortNames: resource.shortNames ?? [],
        categories: resource.categories ?? [],
      });
    }
  }
  return found;
}
