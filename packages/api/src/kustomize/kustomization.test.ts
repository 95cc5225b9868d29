import { crdOf } from '../kind/kind.ts';
import { unknownFields } from '../kind/validation.ts';
import { badPaths, problems, stored } from '../testdata/check.ts';
import { KustomizationKind } from './kustomization.ts';
import type { Kustomization } from './kustomization.ts';

const minimal = { interval: '10m', prune: true, sourceRef: { kind: 'GitRepository', name: 'app' } };
const bad = (change: object) => badPaths(KustomizationKind, { ...minimal, ...change });

describe('Kustomization', () => {
  test('only v1 exists, and fields of the betas are unknown', () => {
    expect(crdOf(KustomizationKind).spec.versions.map((version) => version.name)).toEqual(['v1']);
    const object = {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: { name: 'a' },
      spec: { ...minimal, validation: 'client', patchesStrategicMerge: [], patchesJson6902: [] },
    };
    expect(unknownFields(KustomizationKind, object).sort()).toEqual([
      'spec.patchesJson6902',
      'spec.patchesStrategicMerge',
      'spec.validation',
    ]);
  });

  test('KUS-4: interval, prune and sourceRef are required', () => {
    expect(badPaths(KustomizationKind, {}).sort()).toEqual(['spec.interval', 'spec.prune', 'spec.sourceRef']);
    expect(bad({})).toEqual([]);
  });

  test.each(['interval', 'retryInterval', 'timeout'])('KUS-4: %s takes Go durations', (field) => {
    for (const duration of ['5', '1d', '-1m', '', '1m ', 'm'])
      expect(bad({ [field]: duration })).toEqual([`spec.${field}`]);
    for (const duration of ['1h30m', '0.5h', '100ms', '1m']) expect(bad({ [field]: duration })).toEqual([]);
  });

  test('KUS-5: values outside the enumerations are refused', () => {
    expect(bad({ sourceRef: { kind: 'HelmChart', name: 'x' } })).toEqual(['spec.sourceRef.kind']);
    expect(bad({ deletionPolicy: 'Keep' })).toEqual(['spec.deletionPolicy']);
    expect(bad({ decryption: { provider: 'vault' } })).toEqual(['spec.decryption.provider']);
    expect(bad({ postBuild: { substituteStrategy: 'Never' } })).toEqual(['spec.postBuild.substituteStrategy']);
    expect(bad({ postBuild: { substituteFrom: [{ kind: 'Pod', name: 'x' }] } })).toEqual([
      'spec.postBuild.substituteFrom[0].kind',
    ]);
    expect(bad({ buildMetadata: ['originAnnotations', 'managedBy'] })).toEqual(['spec.buildMetadata[1]']);
  });

  test('KUS-5: values in the enumerations are accepted', () => {
    for (const kind of ['OCIRepository', 'GitRepository', 'Bucket', 'ExternalArtifact'])
      expect(bad({ sourceRef: { kind, name: 'x' } })).toEqual([]);
    for (const deletionPolicy of ['MirrorPrune', 'Delete', 'WaitForTermination', 'Orphan'])
      expect(bad({ deletionPolicy })).toEqual([]);
    for (const substituteStrategy of ['WithVariables', 'Always'])
      expect(bad({ postBuild: { substituteStrategy } })).toEqual([]);
  });

  test.each([
    ['targetNamespace', 63],
    ['namePrefix', 200],
    ['nameSuffix', 200],
  ])('KUS-6: %s has 1 to %d characters', (field, max) => {
    expect(bad({ [field]: '' })).toEqual([`spec.${field}`]);
    expect(bad({ [field]: 'x'.repeat(max + 1) })).toEqual([`spec.${field}`]);
    expect(bad({ [field]: 'x'.repeat(max) })).toEqual([]);
  });

  test('KUS-6: names of variable sources have 1 to 253 characters', () => {
    const named = (name: string) => bad({ postBuild: { substituteFrom: [{ kind: 'Secret', name }] } });
    expect(named('')).toEqual(['spec.postBuild.substituteFrom[0].name']);
    expect(named('x'.repeat(254))).toEqual(['spec.postBuild.substituteFrom[0].name']);
    expect(named('x'.repeat(253))).toEqual([]);
  });

  test('KUS-7: a remote cluster has exactly one reference', () => {
    const message = 'exactly one of spec.kubeConfig.configMapRef or spec.kubeConfig.secretRef must be specified';
    const texts = (kubeConfig: object) => problems(KustomizationKind, { ...minimal, kubeConfig });
    expect(texts({})).toEqual([expect.stringContaining(message)]);
    expect(texts({ secretRef: { name: 'a' }, configMapRef: { name: 'b' } })).toEqual([
      expect.stringContaining(message),
    ]);
    expect(texts({ secretRef: { name: 'a' } })).toEqual([]);
    expect(texts({ configMapRef: { name: 'b' } })).toEqual([]);
  });

  test('KUS-8: only force and optional have defaults', () => {
    const postBuild = { substituteFrom: [{ kind: 'Secret', name: 'a' }] };
    const nested = {
      ...minimal,
      postBuild,
      decryption: { provider: 'sops' },
      healthChecks: [{ kind: 'Deployment', name: 'x' }],
      dependsOn: [{ name: 'x' }],
      patches: [{ patch: 'x' }],
    };
    expect(stored(KustomizationKind, nested)).toEqual({
      ...nested,
      force: false,
      postBuild: { substituteFrom: [{ kind: 'Secret', name: 'a', optional: false }] },
    });
  });

  test.each(['./dir', 'dir', '/dir', ''])('path %p is accepted', (path) => {
    expect(bad({ path })).toEqual([]);
  });

  test('a snapshot of the history has its fields', () => {
    const entry = {
      digest: 'sha256:a',
      firstReconciled: '2026-01-02T03:04:05Z',
      lastReconciled: '2026-01-02T03:04:05Z',
      lastReconciledDuration: '1.5s',
      lastReconciledStatus: 'ReconciliationSucceeded',
      totalReconciliations: 1,
      metadata: { revision: 'main@sha1:a' },
    };
    expect(badPaths(KustomizationKind, minimal, { history: [entry] })).toEqual([]);
    expect(badPaths(KustomizationKind, minimal, { history: [{}] }).sort()).toEqual(
      Object.keys(entry)
        .filter((name) => name !== 'metadata')
        .map((name) => `status.history[0].${name}`)
        .sort(),
    );
  });

  test('the type knows what is required', () => {
    const spec: Kustomization['spec'] = { interval: '1m', prune: true, sourceRef: { kind: 'Bucket', name: 'a' } };
    // @ts-expect-error prune and sourceRef are missing
    const incomplete: Kustomization['spec'] = { interval: '1m' };
    // @ts-expect-error not one of the kinds
    spec.sourceRef.kind = 'HelmChart';
    expect(incomplete.path).toBeUndefined();
  });
});
