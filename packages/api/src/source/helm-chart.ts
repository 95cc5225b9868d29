/** HelmChart (OCI-9 to OCI-14). */
import { array, boolean, object, oneOf, required, string, text } from '../fields/field.ts';
import type { ValueOf } from '../fields/field.ts';
import { artifact, duration, reconcileStatus, suspend, unobserved } from '../fields/shared.ts';
import { ageColumn, column, defineKind, readyColumn, statusColumn } from '../kind/kind.ts';
import type { KindDefinition } from '../kind/kind.ts';
import type { KubeObject } from '../meta/object.ts';
import { latestUrl, sourceKind } from './group.ts';
import { chartVerification } from './verification.ts';

const sourceRef = object('The source of the chart.', {
  apiVersion: string('Group and version of the source; it follows from the kind and may be left out.'),
  kind: required(oneOf('Kind of the source.', ['HelmRepository', 'GitRepository', 'Bucket'])),
  name: required(string('Name of the source, in the same namespace.')),
});

const spec = object(
  'Which chart to fetch or build.',
  {
    chart: required(string('Name of the chart in a HelmRepository, or its path in the artifact of another source.')),
    version: string('Version of the chart, or a range of versions. Only used with a HelmRepository.', { default: '*' }),
    sourceRef: required(sourceRef),
    interval: required(duration('Time between checks for a new version; a jitter may be added.')),
    reconcileStrategy: oneOf(
      'What makes a new chart: another version in its metadata (`ChartVersion`), or any new revision of the source (`Revision`).',
      ['ChartVersion', 'Revision'],
      { default: 'ChartVersion' },
    ),
    valuesFiles: array(
      'Values files, merged in this order into the default values of the chart; later ones win. Paths are relative to the source, or for a HelmRepository to the chart.',
      text,
    ),
    ignoreMissingValuesFiles: boolean('Leaves out values files that do not exist, instead of failing.'),
    suspend,
    verify: chartVerification,
  },
  {
    'x-kubernetes-validations': [
      {
        rule: "!has(self.verify) || self.sourceRef.kind == 'HelmRepository'",
        message: "spec.verify is only supported when spec.sourceRef.kind is 'HelmRepository'",
      },
    ],
  },
);

const status = object(
  'What is known about the chart.',
  {
    ...reconcileStatus,
    url: latestUrl,
    artifact: artifact('The last chart that was stored.'),
    observedSourceArtifactRevision: string('Revision of the source that was last seen.'),
    observedChartName: string('Name of the chart that was last stored.'),
    observedValuesFiles: array('Values files that went into the chart, when missing ones are left out.', text),
  },
  unobserved,
);

/** `spec.sourceRef` of a HelmChart. */
export type LocalHelmChartSourceReference = ValueOf<typeof sourceRef>;
export type HelmChartSpec = ValueOf<typeof spec>;
export type HelmChartStatus = ValueOf<typeof status>;

/** A Helm chart, fetched from a repository or built from a source. */
export interface HelmChart extends KubeObject {
  spec: HelmChartSpec;
  status?: HelmChartStatus;
}

export const HelmChartKind: KindDefinition<HelmChart> = defineKind<HelmChart>({
  ...sourceKind,
  kind: 'HelmChart',
  shortNames: ['hc'],
  printerColumns: [
    column('Chart', '.spec.chart'),
    column('Version', '.spec.version'),
    column('Source Kind', '.spec.sourceRef.kind'),
    column('Source Name', '.spec.sourceRef.name'),
    ageColumn,
    readyColumn,
    statusColumn,
  ],
  description: 'A Helm chart, fetched from a repository or built from a source.',
  spec: required(spec),
  status,
});
