import { badPaths, problems, stored } from '../testdata/check.ts';
import { ImagePolicyKind } from './image-policy.ts';
import { ImageRepositoryKind } from './image-repository.ts';
import { ImageUpdateAutomationKind } from './image-update-automation.ts';

describe('ImageRepository', () => {
  const minimal = { image: 'host/app', interval: '1m' };
  const bad = (change: object) => badPaths(ImageRepositoryKind, { ...minimal, ...change });

  test('signatures are left out by default, and only by default', () => {
    expect(stored(ImageRepositoryKind, minimal)).toEqual({
      ...minimal,
      exclusionList: ['^.*\\.sig$'],
      provider: 'generic',
    });
    expect(stored(ImageRepositoryKind, { ...minimal, exclusionList: [] })).toHaveProperty('exclusionList', []);
  });

  test('limits', () => {
    expect(badPaths(ImageRepositoryKind, {}).sort()).toEqual(['spec.image', 'spec.interval']);
    expect(bad({ exclusionList: Array.from({ length: 26 }, () => 'a') })).toEqual(['spec.exclusionList']);
    expect(bad({ timeout: '1h' })).toEqual(['spec.timeout']);
    expect(bad({ serviceAccountName: 'x'.repeat(254) })).toEqual(['spec.serviceAccountName']);
    expect(bad({ accessFrom: {} })).toEqual(['spec.accessFrom.namespaceSelectors']);
    expect(badPaths(ImageRepositoryKind, minimal, { lastScanResult: {} })).toEqual(['status.lastScanResult.tagCount']);
  });
});

describe('ImagePolicy', () => {
  const minimal = { imageRepositoryRef: { name: 'app' }, policy: { semver: { range: '1.x' } } };
  const texts = (change: object) => problems(ImagePolicyKind, { ...minimal, ...change });

  test('IMG-6: an interval is for the policy Always', () => {
    const message = "spec.interval is only accepted when spec.digestReflectionPolicy is set to 'Always'";
    expect(texts({ interval: '1m' })).toEqual([expect.stringContaining(message)]);
    expect(texts({ interval: '1m', digestReflectionPolicy: 'IfNotPresent' })).toEqual([
      expect.stringContaining(message),
    ]);
    expect(texts({ interval: '1m', digestReflectionPolicy: 'Always' })).toEqual([]);
  });

  test('IMG-7: the policy Always needs an interval', () => {
    expect(texts({ digestReflectionPolicy: 'Always' })).toEqual([
      expect.stringContaining("spec.interval must be set when spec.digestReflectionPolicy is set to 'Always'"),
    ]);
    expect(texts({ digestReflectionPolicy: 'Never' })).toEqual([]);
  });

  test('defaults and limits', () => {
    expect(stored(ImagePolicyKind, { ...minimal, policy: { alphabetical: {}, numerical: {} } })).toEqual({
      ...minimal,
      policy: { alphabetical: { order: 'asc' }, numerical: { order: 'asc' } },
      digestReflectionPolicy: 'Never',
    });
    expect(badPaths(ImagePolicyKind, {}).sort()).toEqual(['spec.imageRepositoryRef', 'spec.policy']);
    expect(badPaths(ImagePolicyKind, { ...minimal, policy: { semver: {} } })).toEqual(['spec.policy.semver.range']);
    expect(texts({ policy: {} })).toEqual([]);
  });

  test('IMG-11: the elected image has name and tag', () => {
    expect(badPaths(ImagePolicyKind, minimal, { latestRef: {} }).sort()).toEqual([
      'status.latestRef.name',
      'status.latestRef.tag',
    ]);
  });
});

describe('ImageUpdateAutomation', () => {
  const minimal = { sourceRef: { kind: 'GitRepository', name: 'app' }, interval: '1m' };
  const bad = (change: object) => badPaths(ImageUpdateAutomationKind, { ...minimal, ...change });

  test('IMG-9: the update strategy is stored', () => {
    expect(stored(ImageUpdateAutomationKind, minimal).update).toEqual({ strategy: 'Setters' });
    expect(stored(ImageUpdateAutomationKind, { ...minimal, update: { path: './apps' } }).update).toEqual({
      path: './apps',
      strategy: 'Setters',
    });
  });

  test('limits', () => {
    expect(badPaths(ImageUpdateAutomationKind, {}).sort()).toEqual(['spec.interval', 'spec.sourceRef']);
    expect(stored(ImageUpdateAutomationKind, { ...minimal, sourceRef: { name: 'a' } }).sourceRef).toEqual({
      kind: 'GitRepository',
      name: 'a',
    });
    expect(bad({ git: {} })).toEqual(['spec.git.commit']);
    expect(bad({ git: { commit: { author: {} } } })).toEqual(['spec.git.commit.author.email']);
    expect(bad({ git: { checkout: {}, commit: { author: { email: 'a' } } } })).toEqual(['spec.git.checkout.ref']);
    expect(bad({ git: { commit: { author: { email: 'a' }, signingKey: {} } } })).toEqual([
      'spec.git.commit.signingKey.secretRef',
    ]);
    expect(bad({ policySelector: { matchExpressions: [{ key: 'a', operator: 'Exists' }] } })).toEqual([]);
    expect(bad({ update: { strategy: 'Manual' } })).toEqual(['spec.update.strategy']);
  });
});
