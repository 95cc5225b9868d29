/** Discovery: which groups, versions and resources the server serves, in the old and in the aggregated form. */
import type { Registry } from '../resource/registry.ts';
import type { Resource, Verb } from '../resource/resource.ts';

const coreFirst = (a: string, b: string) => (a === '' ? -1 : b === '' ? 1 : a < b ? -1 : a > b ? 1 : 0);

/** Groups with their versions, best first. */
export function groupsOf(registry: Registry): Map<string, string[]> {
  const groups = new Map<string, Set<string>>();
  for (const resource of registry.all()) {
    let versions = groups.get(resource.group);
    if (versions === undefined) groups.set(resource.group, (versions = new Set()));
    versions.add(resource.version);
  }
  return new Map(
    [...groups.entries()]
      .sort(([a], [b]) => coreFirst(a, b))
      .map(([group, versions]) => [group, [...versions].sort(compareVersions)]),
  );
}

/** Kubernetes version order: stable before beta before alpha, higher before lower, anything else last by name. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [rank(a), rank(b)];
  if (left === undefined || right === undefined) return left ? -1 : right ? 1 : a < b ? -1 : 1;
  for (let i = 0; i < 3; i++) if (left[i] !== right[i]) return right[i]! - left[i]!;
  return 0;
}

function rank(version: string): [number, number, number] | undefined {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
  if (match === null) return undefined;
  return [match[2] === undefined ? 3 : match[2] === 'beta' ? 2 : 1, Number(match[1]), Number(match[3] ?? 0)];
}

const versionText = (group: string, version: string) => (group === '' ? version : `${group}/${version}`);

/** `GET /api`. */
export function coreVersions(): object {
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
}

function apiGroup(name: string, versions: string[]): object {
  const entries = versions.map((version) => ({ groupVersion: versionText(name, version), version }));
  return { name, versions: entries, preferredVersion: entries[0] };
}

/** `GET /apis`. */
export function groupList(registry: Registry): object {
  const groups = [...groupsOf(registry)]
    .filter(([name]) => name !== '')
    .map(([name, versions]) => apiGroup(name, versions));
  return { kind: 'APIGroupList', apiVersion: 'v1', groups };
}

/** `GET /apis/<group>`, or undefined for an unknown group. */
export function group(registry: Registry, name: string): object | undefined {
  const versions = groupsOf(registry).get(name);
  return versions && { kind: 'APIGroup', apiVersion: 'v1', ...apiGroup(name, versions) };
}

const byName =
  <T>(name: (entry: T) => string) =>
  (a: T, b: T) =>
    name(a) < name(b) ? -1 : 1;

/** Verbs in the order in which the API server lists them, which is another one for custom resources. */
function verbsOf(resource: Resource): string[] {
  return resource.custom ? customVerbs.filter((verb) => resource.verbs.includes(verb)) : [...resource.verbs];
}

const customVerbs: readonly Verb[] = [
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'create',
  'update',
  'watch',
];

/** Resources of a version: built-in ones by name, custom ones as their definitions came. */
function resourcesOf(registry: Registry, apiVersion: string): Resource[] {
  const found = registry.all().filter((resource) => resource.apiVersion === apiVersion);
  return found.some((resource) => resource.custom) ? found : found.sort(byName((resource) => resource.plural));
}

interface Subresource {
  name: string;
  kind: { group: string; version: string; kind: string };
  verbs: string[];
}

/** The subresources of a resource. */
export function subresourcesOf(resource: Resource): Subresource[] {
  const own = { group: resource.group, version: resource.version, kind: resource.kind };
  const found: Subresource[] = [];
  const status = { name: 'status', kind: own, verbs: ['get', 'patch', 'update'] };
  if (resource.custom && resource.status) found.push(status);
  if (resource.scale)
    found.push({
      name: 'scale',
      kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
      verbs: ['get', 'patch', 'update'],
    });
  if (resource.collection === '/serviceaccounts') {
    found.push({
      name: 'token',
      kind: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
      verbs: ['create'],
    });
  }
  if (resource.collection === '/namespaces') found.push({ name: 'finalize', kind: own, verbs: ['update'] });
  if (resource.collection === '/pods') found.push({ name: 'log', kind: own, verbs: ['get'] });
  if (!resource.custom && resource.status) found.push(status);
  return found;
}

/** Resources that only answer to a POST: reviews. */
export const reviews = [
  { group: 'authentication.k8s.io', kind: 'TokenReview', plural: 'tokenreviews', namespaced: false },
  { group: 'authentication.k8s.io', kind: 'SelfSubjectReview', plural: 'selfsubjectreviews', namespaced: false },
  {
    group: 'authorization.k8s.io',
    kind: 'SelfSubjectAccessReview',
    plural: 'selfsubjectaccessreviews',
    namespaced: false,
  },
  {
    group: 'authorization.k8s.io',
    kind: 'SelfSubjectRulesReview',
    plural: 'selfsubjectrulesreviews',
    namespaced: false,
  },
  { group: 'authorization.k8s.io', kind: 'SubjectAccessReview', plural: 'subjectaccessreviews', namespaced: false },
  {
    group: 'authorization.k8s.io',
    kind: 'LocalSubjectAccessReview',
    plural: 'localsubjectaccessreviews',
    namespaced: true,
  },
] as const;

/** `GET /api/v1` or `/apis/<group>/<version>`, or undefined when there is nothing there. */
export function resourceList(registry: Registry, apiVersion: string): object | undefined {
  const resources = resourcesOf(registry, apiVersion);
  const posted = reviews.filter((review) => `${review.group}/v1` === apiVersion);
  if (resources.length === 0 && posted.length === 0) return undefined;
  const entries = resources.flatMap((resource) => [
    {
      name: resource.plural,
      singularName: resource.singular,
      namespaced: resource.namespaced,
      kind: resource.kind,
      verbs: verbsOf(resource),
      shortNames: resource.shortNames.length > 0 ? resource.shortNames : undefined,
      categories: resource.categories.length > 0 ? resource.categories : undefined,
      storageVersionHash: undefined,
    },
    ...subresourcesOf(resource).map((sub) => ({
      name: `${resource.plural}/${sub.name}`,
      singularName: '',
      namespaced: resource.namespaced,
      ...(sub.kind.group === resource.group ? {} : { group: sub.kind.group, version: sub.kind.version }),
      kind: sub.kind.kind,
      verbs: sub.verbs,
    })),
  ]);
  const reviewEntries = posted.map(({ kind, plural, namespaced }) => ({
    name: plural,
    singularName: kind.toLowerCase(),
    namespaced,
    kind,
    verbs: ['create'],
  }));
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersion,
    resources: [...entries, ...reviewEntries.sort(byName((entry) => entry.name))],
  };
}

/** The aggregated form of `GET /api` (`core`) and `GET /apis`. */
export function aggregated(registry: Registry, core: boolean): object {
  const names = groupsOf(registry);
  if (!core) for (const { group } of reviews) if (!names.has(group)) names.set(group, ['v1']);
  const items = [...names]
    .filter(([name]) => (name === '') === core)
    .map(([name, versions]) => ({
      metadata: { name: name === '' ? undefined : name, creationTimestamp: null },
      versions: versions.map((version) => ({
        version,
        resources: aggregatedResources(registry, name, version),
        freshness: 'Current',
      })),
    }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items };
}

/** Built-in resources leave out a group and version that are those of the list. */
function responseKind(resource: Resource, kind: Subresource['kind']): Subresource['kind'] {
  const same = !resource.custom && kind.group === resource.group && kind.version === resource.version;
  return same ? { group: '', version: '', kind: kind.kind } : kind;
}

function aggregatedResources(registry: Registry, group: string, version: string): object[] {
  const scope = (namespaced: boolean) => (namespaced ? 'Namespaced' : 'Cluster');
  const resources = resourcesOf(registry, versionText(group, version)).sort(byName((resource) => resource.plural));
  const posted = reviews.filter((review) => review.group === group);
  return [
    ...resources.map((resource) => {
      const subresources = subresourcesOf(resource).map(({ name, kind, verbs }) => ({
        subresource: name,
        responseKind: responseKind(resource, kind),
        verbs,
      }));
      return {
        resource: resource.plural,
        responseKind: responseKind(resource, { group, version, kind: resource.kind }),
        scope: scope(resource.namespaced),
        singularResource: resource.singular,
        verbs: verbsOf(resource),
        ...(resource.shortNames.length > 0 ? { shortNames: resource.shortNames } : {}),
        ...(resource.categories.length > 0 ? { categories: resource.categories } : {}),
        ...(subresources.length > 0 ? { subresources } : {}),
      };
    }),
    ...posted.map(({ kind, plural, namespaced }) => ({
      resource: plural,
      responseKind: { group, version, kind },
      scope: scope(namespaced),
      singularResource: kind.toLowerCase(),
      verbs: ['create'],
    })),
  ];
}
