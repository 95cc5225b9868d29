import { KustomizationKind } from '../kustomize/kustomization.ts';
import { HelmReleaseKind } from '../helm/helm-release.ts';
import { dependencyText, parseDependency } from '../meta/dependency.ts';
import { validate } from '../schema/index.ts';
import { ArtifactGeneratorKind } from '../source/artifact-generator.ts';
import { HelmRepositoryKind } from '../source/helm-repository.ts';
import { badPaths } from '../testdata/check.ts';
import type { Field } from './field.ts';
import {
  accessFrom,
  artifact,
  conditions,
  customHealthCheck,
  dependencyReference,
  image,
  kubeConfigReference,
  localObjectReference,
  namespacedObjectKindReference,
  namespacedObjectReference,
  patch,
  secretKeyReference,
  selector,
} from './shared.ts';

/** Issues of a value in a field `f`. */
const issues = (field: Field, value: unknown) =>
  validate({ type: 'object', properties: { f: field.schema } }, { f: value })
    .filter((issue) => issue.path !== '<nil>')
    .map((issue) => issue.path);
const names = (field: Field) => Object.keys(field.schema.properties!).sort();

describe('shared field types', () => {
  test.each<[string, Field, string[], string[]]>([
    ['RTM-19 LocalObjectReference', localObjectReference('x'), ['name'], ['name']],
    ['RTM-20 NamespacedObjectReference', namespacedObjectReference('x'), ['name', 'namespace'], ['name']],
    [
      'RTM-21 NamespacedObjectKindReference',
      namespacedObjectKindReference('x'),
      ['apiVersion', 'kind', 'name', 'namespace'],
      ['kind', 'name'],
    ],
    ['RTM-22 SecretKeyReference', secretKeyReference('x'), ['key', 'name'], ['name']],
    ['RTM-23 DependencyReference', dependencyReference, ['name', 'namespace', 'readyExpr'], ['name']],
    ['RTM-35 Image', image, ['digest', 'name', 'newName', 'newTag'], ['name']],
    [
      'RTM-36 Selector',
      selector('x'),
      ['annotationSelector', 'group', 'kind', 'labelSelector', 'name', 'namespace', 'version'],
      [],
    ],
    ['RTM-37 Patch', patch, ['patch', 'target'], ['patch']],
    [
      'RTM-39 CustomHealthCheck',
      customHealthCheck,
      ['apiVersion', 'current', 'failed', 'inProgress', 'kind'],
      ['apiVersion', 'current'],
    ],
  ])('%s has its fields, and asks for those it needs', (_, field, fields, needed) => {
    expect(names(field)).toEqual(fields);
    expect(issues(field, {})).toEqual(needed.map((name) => `f.${name}`));
    expect(issues(field, Object.fromEntries(needed.map((name) => [name, 'x'])))).toEqual([]);
  });

  test('RTM-24: a remote cluster is named by exactly one of ConfigMap and Secret', () => {
    const field = kubeConfigReference('x');
    const text = (value: unknown) =>
      validate({ type: 'object', properties: { f: field.schema } }, { f: value }).map((issue) => issue.message);
    const exactlyOne = expect.stringMatching(
      /exactly one of spec\.kubeConfig\.configMapRef .* spec\.kubeConfig\.secretRef/,
    );
    expect(text({})).toEqual([exactlyOne]);
    expect(text({ configMapRef: { name: 'a' }, secretRef: { name: 'b' } })).toEqual([exactlyOne]);
    expect(text({ configMapRef: { name: 'a' } })).toEqual([]);
    expect(text({ secretRef: { name: 'b', key: 'c' } })).toEqual([]);
  });

  test('RTM-25, RTM-26, RTM-27, RTM-28, RTM-29, RTM-30, RTM-31, OCI-13, SRC-61, SRC-66: an artifact', () => {
    const field = artifact('x');
    expect(issues(field, {}).sort()).toEqual(['f.digest', 'f.lastUpdateTime', 'f.path', 'f.revision', 'f.url']);
    const good = {
      digest: 'sha256:abc',
      lastUpdateTime: '2026-01-02T03:04:05Z',
      path: 'gitrepository/a/b/c.tar.gz',
      revision: 'main@sha1:abc',
      url: 'http://host/gitrepository/a/b/c.tar.gz',
    };
    expect(issues(field, good)).toEqual([]);
    expect(issues(field, { ...good, size: 12, metadata: { a: 'b' } })).toEqual([]);
    expect(issues(field, { ...good, digest: 'abc' })).toEqual(['f.digest']);
    expect(issues(field, { ...good, size: '12' })).toEqual(['f.size']);
    expect(issues(field, { ...good, metadata: { a: 1 } })).toEqual(['f.metadata.a']);
    expect(issues(field, { ...good, lastUpdateTime: 'yesterday' })).toEqual(['f.lastUpdateTime']);
  });

  test('RTM-34, OCI-6: access from other namespaces is a list of label selectors', () => {
    expect(issues(accessFrom, {})).toEqual(['f.namespaceSelectors']);
    expect(issues(accessFrom, { namespaceSelectors: [{}, { matchLabels: { a: 'b' } }] })).toEqual([]);
    const spec = { url: 'https://example.org', accessFrom: {} };
    expect(badPaths(HelmRepositoryKind, spec)).toEqual(['spec.accessFrom.namespaceSelectors']);
  });

  test('RTM-54: one condition per type, with reason, bounded message and time', () => {
    const good = {
      type: 'Ready',
      status: 'True',
      reason: 'Ok',
      message: '',
      lastTransitionTime: '2026-01-02T03:04:05Z',
    };
    const bad = (change: object) => issues(conditions, [{ ...good, ...change }]);
    expect(bad({})).toEqual([]);
    expect(bad({ status: 'true' })).toEqual(['f[0].status']);
    expect(new Set(bad({ reason: '' }))).toEqual(new Set(['f[0].reason']));
    expect(bad({ reason: 'two words' })).toEqual(['f[0].reason']);
    expect(bad({ message: 'x'.repeat(32768) })).toEqual([]);
    expect(bad({ message: 'x'.repeat(32769) })).toEqual(['f[0].message']);
    expect(bad({ observedGeneration: -1 })).toEqual(['f[0].observedGeneration']);
    expect(issues(conditions, [good, good])).toEqual(['f[1]']);
  });

  test('RTM-59: the inventories of Kustomization, HelmRelease and ArtifactGenerator', () => {
    const applied = { inventory: { entries: [{ id: 'a_b__Service' }] } };
    const missing = ['status.inventory.entries[0].v'];
    const kustomization = { interval: '1m', prune: true, sourceRef: { kind: 'Bucket', name: 'x' } };
    expect(badPaths(KustomizationKind, kustomization, applied)).toEqual(missing);
    const release = { interval: '1m', chartRef: { kind: 'HelmChart', name: 'x' } };
    expect(badPaths(HelmReleaseKind, release, applied)).toEqual(missing);
    const { inventory } = ArtifactGeneratorKind.schema.properties!.status!.properties!;
    expect(inventory!.items!.required).toEqual(['digest', 'filename', 'name', 'namespace']);
  });
});

describe('dependencies as text', () => {
  test.each([
    ['app', { name: 'app' }],
    ['infra/app', { namespace: 'infra', name: 'app' }],
    ['app@dep.ready', { name: 'app', readyExpr: 'dep.ready' }],
    ['a@b==c/d', { name: 'a', readyExpr: 'b==c/d' }],
    ['ns/a@x@y', { namespace: 'ns', name: 'a', readyExpr: 'x@y' }],
    [
      'infra/app@dep.metadata.annotations["a/b"] == "x@y"',
      { namespace: 'infra', name: 'app', readyExpr: 'dep.metadata.annotations["a/b"] == "x@y"' },
    ],
  ])('RTM-41, RTM-518: %s is parsed and written back', (text, dependency) => {
    expect(parseDependency(text)).toEqual(dependency);
    expect(dependencyText(dependency)).toBe(text);
  });
});
