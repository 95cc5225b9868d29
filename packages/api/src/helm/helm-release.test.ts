import { unknownFields } from '../kind/validation.ts';
import { badPaths, problems, stored } from '../testdata/check.ts';
import { HelmReleaseKind } from './helm-release.ts';

const chartRef = { kind: 'OCIRepository', name: 'app' };
const minimal = { interval: '10m', chartRef };
const bad = (change: object) => badPaths(HelmReleaseKind, { ...minimal, ...change });
const texts = (change: object) => problems(HelmReleaseKind, { interval: '10m', ...change });

describe('HelmRelease', () => {
  test('HLM-6: exactly one of chart and chartRef', () => {
    const chart = { spec: { chart: 'app', sourceRef: { kind: 'HelmRepository', name: 'r' } } };
    const refusal = [expect.stringContaining('either chart or chartRef must be set')];
    expect(texts({})).toEqual(refusal);
    expect(texts({ chart, chartRef })).toEqual(refusal);
    expect(texts({ chart })).toEqual([]);
    expect(texts({ chartRef })).toEqual([]);
  });

  test('defaults: version, strategy and verification of the chart, deletion propagation, and nothing else', () => {
    const sourceRef = { kind: 'HelmRepository', name: 'r' };
    const spec = {
      interval: '1m',
      chart: { spec: { chart: 'a', sourceRef, verify: {} } },
      install: {},
      upgrade: {},
      test: {},
      rollback: {},
      uninstall: {},
      driftDetection: {},
    };
    expect(stored(HelmReleaseKind, spec)).toEqual({
      ...spec,
      chart: {
        spec: {
          chart: 'a',
          sourceRef,
          verify: { provider: 'cosign' },
          version: '*',
          reconcileStrategy: 'ChartVersion',
        },
      },
      uninstall: { deletionPropagation: 'background' },
    });
  });

  test.each([
    ['install', ".retryInterval cannot be set when .name is 'RemediateOnFailure'"],
    ['upgrade', ".retryInterval can only be set when .name is 'RetryOnFailure'"],
  ])('the retry interval of %s is for RetryOnFailure', (action, message) => {
    const strategy = (name: string) =>
      problems(HelmReleaseKind, { ...minimal, [action]: { strategy: { name, retryInterval: '1m' } } });
    expect(strategy('RemediateOnFailure')).toEqual([expect.stringContaining(message)]);
    expect(strategy('RetryOnFailure')).toEqual([]);
    expect(bad({ [action]: { strategy: {} } })).toEqual([`spec.${action}.strategy.name`]);
  });

  test('enumerations', () => {
    expect(bad({ chartRef: { kind: 'Bucket', name: 'a' } })).toEqual(['spec.chartRef.kind']);
    expect(bad({ postRenderStrategy: 'all' })).toEqual(['spec.postRenderStrategy']);
    expect(bad({ waitStrategy: { name: 'watcher' } })).toEqual(['spec.waitStrategy.name']);
    expect(bad({ driftDetection: { mode: 'on' } })).toEqual(['spec.driftDetection.mode']);
    expect(bad({ install: { crds: 'Replace' }, upgrade: { crds: 'Replace' } }).sort()).toEqual([
      'spec.install.crds',
      'spec.upgrade.crds',
    ]);
    expect(bad({ upgrade: { remediation: { strategy: 'retry' } } })).toEqual(['spec.upgrade.remediation.strategy']);
    expect(bad({ upgrade: { chartNameChangeStrategy: 'Keep' } })).toEqual(['spec.upgrade.chartNameChangeStrategy']);
    expect(bad({ rollback: { serverSideApply: 'on' } })).toEqual(['spec.rollback.serverSideApply']);
    expect(bad({ install: { serverSideApply: true } })).toEqual([]);
    expect(bad({ uninstall: { deletionPropagation: 'none' } })).toEqual(['spec.uninstall.deletionPropagation']);
  });

  test('lengths and patterns', () => {
    for (const [field, max] of [
      ['releaseName', 53],
      ['targetNamespace', 63],
      ['storageNamespace', 63],
      ['serviceAccountName', 253],
    ] as const) {
      expect(bad({ [field]: '' })).toEqual([`spec.${field}`]);
      expect(bad({ [field]: 'x'.repeat(max) })).toEqual([]);
      expect(bad({ [field]: 'x'.repeat(max + 1) })).toEqual([`spec.${field}`]);
    }
    const from = (change: object) => bad({ valuesFrom: [{ kind: 'Secret', name: 'a', ...change }] });
    expect(from({ targetPath: 'a.b[0].c\\.d/e' })).toEqual([]);
    expect(from({ targetPath: 'a b' })).toEqual(['spec.valuesFrom[0].targetPath']);
    expect(from({ valuesKey: 'a/b' })).toEqual(['spec.valuesFrom[0].valuesKey']);
    expect(from({ kind: 'Pod' })).toEqual(['spec.valuesFrom[0].kind']);
  });

  test('values are kept as they are', () => {
    const values = { a: { b: [1, null, { c: true }] } };
    const object = {
      apiVersion: 'helm.toolkit.fluxcd.io/v2',
      kind: 'HelmRelease',
      metadata: { name: 'a' },
      spec: { ...minimal, values, typo: 1 },
    };
    expect(unknownFields(HelmReleaseKind, object)).toEqual(['spec.typo']);
    expect(stored(HelmReleaseKind, { ...minimal, values }).values).toEqual(values);
  });

  test('the status holds the tokens of forced and reset runs', () => {
    const status = { lastHandledForceAt: 'a', lastHandledResetAt: 'b', lastHandledReconcileAt: 'c' };
    expect(badPaths(HelmReleaseKind, minimal, status)).toEqual([]);
    const { properties } = HelmReleaseKind.schema.properties!.status!;
    expect(properties).toMatchObject(Object.fromEntries(Object.keys(status).map((name) => [name, { type: 'string' }])));
  });
});
