import { crdOf } from './kind/kind.ts';
import { allKinds } from './kinds.ts';
import { apiVersionOf } from './meta/object.ts';
import { compileSchema } from './schema/index.ts';
import { freshStatus } from './testdata/check.ts';

const kindNamed = (name: string) => allKinds.find((kind) => kind.kind === name)!;
const age = 'Age=.metadata.creationTimestamp';
const ready = 'Ready=.status.conditions[?(@.type=="Ready")].status';
const status = 'Status=.status.conditions[?(@.type=="Ready")].message';

/** Numbers, kind, group and version, plural, short names, third category, status subresource, columns. */
const catalogue: [string, string, string, string, string[], string, boolean, string[]][] = [
  [
    'RTM-1, SRC-8',
    'GitRepository',
    'source.toolkit.fluxcd.io/v1',
    'gitrepositories',
    ['gitrepo'],
    'fluxcd-sources',
    true,
    ['URL=.spec.url', age, ready, status],
  ],
  [
    'RTM-2, OCI-1',
    'OCIRepository',
    'source.toolkit.fluxcd.io/v1',
    'ocirepositories',
    ['ocirepo'],
    'fluxcd-sources',
    true,
    ['URL=.spec.url', ready, status, age],
  ],
  [
    'RTM-3, OCI-1',
    'HelmRepository',
    'source.toolkit.fluxcd.io/v1',
    'helmrepositories',
    ['helmrepo'],
    'fluxcd-sources',
    true,
    ['URL=.spec.url', age, ready, status],
  ],
  [
    'RTM-4, OCI-1',
    'HelmChart',
    'source.toolkit.fluxcd.io/v1',
    'helmcharts',
    ['hc'],
    'fluxcd-sources',
    true,
    [
      'Chart=.spec.chart',
      'Version=.spec.version',
      'Source Kind=.spec.sourceRef.kind',
      'Source Name=.spec.sourceRef.name',
      age,
      ready,
      status,
    ],
  ],
  [
    'RTM-5, SRC-28',
    'Bucket',
    'source.toolkit.fluxcd.io/v1',
    'buckets',
    [],
    'fluxcd-sources',
    true,
    ['Endpoint=.spec.endpoint', age, ready, status],
  ],
  [
    'RTM-6, SRC-54',
    'ExternalArtifact',
    'source.toolkit.fluxcd.io/v1',
    'externalartifacts',
    ['ea'],
    'fluxcd-sources',
    true,
    [age, ready, status, 'Source=.spec.sourceRef.name'],
  ],
  [
    'RTM-7, SRC-534',
    'ArtifactGenerator',
    'source.extensions.fluxcd.io/v1beta1',
    'artifactgenerators',
    ['ag'],
    'fluxcd-sources',
    true,
    [age, ready, status],
  ],
  [
    'RTM-8, KUS-1',
    'Kustomization',
    'kustomize.toolkit.fluxcd.io/v1',
    'kustomizations',
    ['ks'],
    'fluxcd-appliers',
    true,
    [age, ready, status],
  ],
  [
    'RTM-9, HLM-1, HLM-3',
    'HelmRelease',
    'helm.toolkit.fluxcd.io/v2',
    'helmreleases',
    ['hr'],
    'fluxcd-appliers',
    true,
    [age, ready, status],
  ],
  [
    'RTM-10, NTF-1, NTF-2, NTF-3, NTF-5, NTF-6',
    'Alert',
    'notification.toolkit.fluxcd.io/v1beta3',
    'alerts',
    [],
    'fluxcd-notifications',
    false,
    [age],
  ],
  [
    'RTM-11, NTF-1, NTF-2, NTF-3, NTF-5, NTF-6',
    'Provider',
    'notification.toolkit.fluxcd.io/v1beta3',
    'providers',
    [],
    'fluxcd-notifications',
    false,
    [age],
  ],
  [
    'RTM-12, NTF-1, NTF-2, NTF-3, NTF-5, NTF-6',
    'Receiver',
    'notification.toolkit.fluxcd.io/v1',
    'receivers',
    [],
    'fluxcd-notifications',
    true,
    [age, ready, status],
  ],
  [
    'RTM-13',
    'ImageRepository',
    'image.toolkit.fluxcd.io/v1',
    'imagerepositories',
    ['imgrepo', 'imagerepo'],
    'fluxcd-images',
    true,
    [
      'Image=.spec.image',
      'Tags=.status.lastScanResult.tagCount',
      ready,
      status,
      'Last scan=.status.lastScanResult.scanTime',
      age,
    ],
  ],
  [
    'RTM-14',
    'ImagePolicy',
    'image.toolkit.fluxcd.io/v1',
    'imagepolicies',
    ['imgpol', 'imagepol'],
    'fluxcd-images',
    true,
    ['Image=.status.latestRef.name', 'Tag=.status.latestRef.tag', ready, status, age],
  ],
  [
    'RTM-15',
    'ImageUpdateAutomation',
    'image.toolkit.fluxcd.io/v1',
    'imageupdateautomations',
    ['iua', 'imgupd', 'imgauto'],
    'fluxcd-images',
    true,
    [ready, status, 'Last run=.status.lastAutomationRunTime', age],
  ],
];

describe('the catalogue of kinds', () => {
  test.each(catalogue)(
    '%s: %s is served as %s with its names, category, columns and subresource',
    (_, name, groupVersion, plural, shortNames, category, hasStatus, columns) => {
      const kind = kindNamed(name);
      const crd = crdOf(kind);
      expect(apiVersionOf(kind)).toBe(groupVersion);
      expect(kind).toMatchObject({
        plural,
        namespaced: true,
        component: expect.stringMatching(/-(controller|watcher)$/),
      });
      expect(crd.spec.names).toEqual({
        kind: name,
        listKind: `${name}List`,
        plural,
        singular: name.toLowerCase(),
        ...(shortNames.length > 0 ? { shortNames } : {}),
        categories: ['all', 'fluxcd', category],
      });
      expect(crd.spec).toMatchObject({ group: groupVersion.split('/')[0], scope: 'Namespaced' });
      expect(crd.spec.versions).toHaveLength(1);
      expect(Object.keys(crd.spec).sort()).toEqual(['group', 'names', 'scope', 'versions']);
      const version = crd.spec.versions[0]!;
      expect(version).not.toHaveProperty('deprecated');
      expect(version).toMatchObject({ name: groupVersion.split('/')[1], served: true, storage: true });
      expect(version.subresources).toEqual(hasStatus ? { status: {} } : undefined);
      expect('status' in version.schema.openAPIV3Schema.properties!).toBe(hasStatus);
      expect(version.additionalPrinterColumns!.map((column) => `${column.name}=${column.jsonPath}`)).toEqual(columns);
      for (const column of version.additionalPrinterColumns!) {
        expect(column.type).toBe(column.name === 'Age' ? 'date' : 'string');
        expect(column.priority).toBe(column.name.startsWith('Last ') ? 1 : undefined);
      }
    },
  );

  test('RTM-18, SRC-4: the categories cover every kind', () => {
    const count = (category: string) => allKinds.filter((kind) => kind.categories.includes(category)).length;
    expect(count('all')).toBe(15);
    expect(count('fluxcd')).toBe(15);
    expect(['sources', 'appliers', 'notifications', 'images'].map((name) => count(`fluxcd-${name}`))).toEqual([
      7, 2, 3, 3,
    ]);
  });

  test.each(allKinds.map((kind) => [kind.kind, kind] as const))(
    'RTM-16, SRC-5, KUS-2, HLM-4, NTF-14, IMG-1: a fresh %s shows whether a controller has seen it',
    (name, kind) => {
      const without = ['ExternalArtifact', 'ArtifactGenerator', 'Alert', 'Provider'];
      expect(freshStatus(kind)).toEqual(without.includes(name) ? undefined : { observedGeneration: -1 });
    },
  );

  test.each(allKinds.map((kind) => [kind.kind, kind] as const))(
    'RTM-585, KUS-1, SRC-3, HLM-2, NTF-4: the CRD of %s is named after it, labelled, and safe from substitution',
    (_, kind) => {
      expect(crdOf(kind).metadata).toEqual({
        name: `${kind.plural}.${kind.group}`,
        annotations: { 'kustomize.toolkit.fluxcd.io/substitute': 'disabled' },
        labels: { 'app.kubernetes.io/part-of': 'flux', 'app.kubernetes.io/component': kind.component },
      });
    },
  );

  test.each(allKinds.map((kind) => [kind.kind, kind] as const))(
    'every field of %s has a type and a description',
    (_, kind) => {
      const bare: string[] = [];
      const walk = (schema: (typeof kind)['schema'], path: string) => {
        const isItem = path.endsWith(']') || path.endsWith('}');
        if (!schema.description && !(isItem && schema.type === 'string') && path !== '.metadata') bare.push(path);
        if (!schema.type && !schema['x-kubernetes-preserve-unknown-fields']) bare.push(`${path} (type)`);
        for (const [name, child] of Object.entries(schema.properties ?? {})) walk(child, `${path}.${name}`);
        if (schema.items) walk(schema.items, `${path}[]`);
        if (typeof schema.additionalProperties === 'object') walk(schema.additionalProperties, `${path}{}`);
      };
      walk(kind.schema, '');
      expect(bare).toEqual([]);
      expect(() => compileSchema(kind.schema)).not.toThrow();
    },
  );
});
