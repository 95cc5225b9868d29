import { KustomizationKind } from '../kustomize/kustomization.ts';
import { BucketKind } from '../source/bucket.ts';
import { newObject } from './kind.ts';
import { applyDefaults, unknownFields, validate } from './validation.ts';

const metadata = { name: 'app' };
const app = newObject(KustomizationKind, {
  metadata,
  spec: { interval: '10m', prune: true, sourceRef: { kind: 'GitRepository', name: 'app' } },
});

describe('objects of a kind', () => {
  test('a new object names its kind and is valid', () => {
    expect(app).toMatchObject({ apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization', metadata });
    expect(validate(KustomizationKind, app)).toEqual([]);
  });

  test('an object of another kind or version is refused as such', () => {
    const issues = validate(BucketKind, app);
    expect(issues.map((issue) => issue.path)).toEqual(['apiVersion', 'kind']);
    expect(issues[0]!.message).toContain('source.toolkit.fluxcd.io/v1');
  });

  test('an object without spec is refused', () => {
    const { spec: _, ...rest } = app;
    expect(validate(KustomizationKind, rest).map((issue) => issue.path)).toContain('spec');
  });

  test('defaults go into a copy, and leave what is there', () => {
    const before = structuredClone(app);
    expect(applyDefaults(KustomizationKind, app).spec.force).toBe(false);
    expect(app).toEqual(before);
    const forced = { ...app, spec: { ...app.spec, force: true } };
    expect(applyDefaults(KustomizationKind, forced).spec.force).toBe(true);
  });

  test('defaults count for rules, and unknown or undefined fields do not count', () => {
    const bucket = newObject(BucketKind, {
      metadata,
      spec: { bucketName: 'b', endpoint: 'e', interval: '1m', secretRef: undefined },
    });
    expect(validate(BucketKind, bucket)).toEqual([]);
    expect(validate(BucketKind, { ...bucket, spec: { ...bucket.spec, typo: 1 } })).toEqual([]);
  });

  test('unknown fields are told by their paths', () => {
    const spec = { ...app.spec, pruned: true, sourceRef: { ...app.spec.sourceRef, branch: 'main' } };
    expect(unknownFields(KustomizationKind, { ...app, spec }).sort()).toEqual(['spec.pruned', 'spec.sourceRef.branch']);
    expect(unknownFields(KustomizationKind, app)).toEqual([]);
  });

  test('an update is not held to what it does not change', () => {
    const old = { ...app, spec: { ...app.spec, targetNamespace: '' } };
    expect(validate(KustomizationKind, old)).toHaveLength(1);
    expect(validate(KustomizationKind, { ...old, spec: { ...old.spec, suspend: true } }, old)).toEqual([]);
  });
});
