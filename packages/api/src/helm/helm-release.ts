/** HelmRelease (HLM-1 to HLM-7). */
import { anything, array, boolean, integer, object, oneOf, required, string, text } from '../fields/field.ts';
import type { ValueOf } from '../fields/field.ts';
import {
  customHealthCheck,
  dependencyReference,
  duration,
  ignoreRule,
  image,
  kubeConfigReference,
  localObjectReference,
  metadataToSet,
  patch,
  suspend,
} from '../fields/shared.ts';
import { ageColumn, defineKind, readyColumn, statusColumn } from '../kind/kind.ts';
import type { KindDefinition } from '../kind/kind.ts';
import type { KubeObject } from '../meta/object.ts';
import { install, rollback, test, uninstall, upgrade } from './actions.ts';
import { status } from './status.ts';
import type { HelmReleaseStatus } from './status.ts';

const objectName = { minLength: 1, maxLength: 253 };
const namespaceName = { minLength: 1, maxLength: 63 };

const sourceRef = object('The source of the chart.', {
  apiVersion: string('Group and version of the source; it follows from the kind and may be left out.'),
  kind: required(oneOf('Kind of the source.', ['HelmRepository', 'GitRepository', 'Bucket'])),
  name: required(string('Name of the source.', objectName)),
  namespace: string(
    'Namespace of the source, in which the HelmChart is made too. Default: that of this object.',
    namespaceName,
  ),
});

const chartSpec = object('The HelmChart to make.', {
  chart: required(
    string('Name of the chart in a HelmRepository, or its path in the artifact of another source.', {
      minLength: 1,
      maxLength: 2048,
    }),
  ),
  version: string('Version of the chart, or a range of versions. Only used with a HelmRepository.', { default: '*' }),
  sourceRef: required(sourceRef),
  interval: duration('Time between checks for a new version. Default: `spec.interval`.'),
  reconcileStrategy: oneOf(
    'What makes a new chart: another version in its metadata (`ChartVersion`), or any new revision of the source (`Revision`).',
    ['ChartVersion', 'Revision'],
    { default: 'ChartVersion' },
  ),
  valuesFiles: array('Values files, merged in this order into the default values of the chart; later ones win.', text),
  ignoreMissingValuesFiles: boolean('Leaves out values files that do not exist, instead of failing.'),
  verify: object('How to verify the signature of the chart.', {
    provider: required(oneOf('The signature scheme.', ['cosign', 'notation'], { default: 'cosign' })),
    secretRef: localObjectReference('Secret with what is trusted, in the namespace of the source.'),
  }),
});

const chart = object('A HelmChart to make and own. Excludes `chartRef`.', {
  metadata: metadataToSet('Metadata of the HelmChart.'),
  spec: required(chartSpec),
});

const chartRef = object('An existing source of the chart. Excludes `chart`.', {
  apiVersion: string('Group and version of the source; it follows from the kind and may be left out.'),
  kind: required(oneOf('Kind of the source.', ['OCIRepository', 'HelmChart', 'ExternalArtifact'])),
  name: required(string('Name of the source.', objectName)),
  namespace: string('Namespace of the source. Default: that of this object.', namespaceName),
});

const valuesReference = object('A ConfigMap or Secret with values.', {
  kind: required(oneOf('Kind of the object.', ['Secret', 'ConfigMap'])),
  name: required(string('Name of the object, in the same namespace.', objectName)),
  valuesKey: string('Key that holds the values, or the one value for `targetPath`. Default: `values.yaml`.', {
    maxLength: 253,
    pattern: '^[\\-._a-zA-Z0-9]+$',
  }),
  targetPath: string(
    'Where to put the value, in the dot notation of Helm. Default: the values are merged as a whole.',
    {
      maxLength: 250,
      pattern: '^([a-zA-Z0-9_\\-.\\\\\\/]|\\[[0-9]{1,5}\\])+$',
    },
  ),
  optional: boolean('Whether the object or the key may be missing.'),
  literal: boolean('Takes the value for `targetPath` as it is, as a text.'),
});

const postRenderer = object('A change of the manifests after rendering.', {
  kustomize: object('A change by kustomize.', {
    patches: array('Patches.', patch),
    images: array('Image overrides.', image),
  }),
});

const driftDetection = object('What to do about objects that differ from the release.', {
  mode: oneOf('Correct them (`enabled`), tell (`warn`), or nothing (`disabled`, the default).', [
    'enabled',
    'warn',
    'disabled',
  ]),
  ignore: array('Fields to leave out of the comparison.', ignoreRule),
});

const waitStrategy = object('How to tell whether objects are ready.', {
  name: required(
    oneOf('By their status (`poller`, the default), or the way of Helm 3 (`legacy`).', ['poller', 'legacy']),
  ),
});

const spec = object(
  'What to release, and how.',
  {
    chart,
    chartRef,
    interval: required(duration('Time between two runs; a jitter may be added.')),
    suspend,
    releaseName: string('Name of the release. Default: `<targetNamespace>-<name>`, or the name of this object.', {
      minLength: 1,
      maxLength: 53,
    }),
    targetNamespace: string('Namespace to release into. Default: that of this object.', namespaceName),
    storageNamespace: string('Namespace to store the release in. Default: that of this object.', namespaceName),
    dependsOn: array('HelmReleases that have to be ready before this one is released.', dependencyReference),
    timeout: duration('Limit for one Kubernetes operation of an action, such as a hook. Default: 5m.'),
    maxHistory: integer('How many releases Helm keeps; 0 for no limit. Default: 5.'),
    serviceAccountName: string('ServiceAccount in the same namespace to act as towards the cluster.', objectName),
    persistentClient: boolean('Keeps one client for all steps of a run. Default: true.'),
    kubeConfig: kubeConfigReference('Releases to another cluster. Default: the cluster of the controller.'),
    driftDetection,
    install,
    upgrade,
    test,
    rollback,
    uninstall,
    valuesFrom: array(
      'ConfigMaps and Secrets with values, merged in this order; later ones win, and `values` over all.',
      valuesReference,
    ),
    values: anything('Values for the chart.'),
    commonMetadata: metadataToSet('Metadata to put on every object of the release.'),
    postRenderers: array('Changes of the manifests after rendering, in this order.', postRenderer),
    postRenderStrategy: oneOf(
      'How hooks take part: not at all (`nohooks`), together with the other manifests (`combined`, the default), or by themselves (`separate`).',
      ['nohooks', 'combined', 'separate'],
    ),
    waitStrategy,
    healthCheckExprs: array('How to tell the health of objects of kinds that have no usual status.', customHealthCheck),
  },
  {
    'x-kubernetes-validations': [
      {
        rule: '(has(self.chart) && !has(self.chartRef)) || (!has(self.chart) && has(self.chartRef))',
        message: 'either chart or chartRef must be set',
      },
    ],
  },
);

/** `spec.chart` of a HelmRelease. */
export type HelmChartTemplate = ValueOf<typeof chart>;
export type HelmChartTemplateSpec = ValueOf<typeof chartSpec>;
/** `spec.chart.spec.sourceRef` of a HelmRelease. */
export type HelmChartTemplateSourceReference = ValueOf<typeof sourceRef>;
/** `spec.chartRef` of a HelmRelease. */
export type CrossNamespaceChartReference = ValueOf<typeof chartRef>;
export type ValuesReference = ValueOf<typeof valuesReference>;
export type PostRenderer = ValueOf<typeof postRenderer>;
export type DriftDetection = ValueOf<typeof driftDetection>;
export type WaitStrategy = ValueOf<typeof waitStrategy>;
export type HelmReleaseSpec = ValueOf<typeof spec>;

/** A release of a Helm chart. */
export interface HelmRelease extends KubeObject {
  spec: HelmReleaseSpec;
  status?: HelmReleaseStatus;
}

export const HelmReleaseKind: KindDefinition<HelmRelease> = defineKind<HelmRelease>({
  group: 'helm.toolkit.fluxcd.io',
  version: 'v2',
  kind: 'HelmRelease',
  category: 'fluxcd-appliers',
  component: 'helm-controller',
  shortNames: ['hr'],
  printerColumns: [ageColumn, readyColumn, statusColumn],
  description: 'A release of a Helm chart.',
  spec: required(spec),
  status,
});
