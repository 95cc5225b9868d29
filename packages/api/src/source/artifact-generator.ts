/** ArtifactGenerator, of the extension group `source.extensions.fluxcd.io`. */
import { array, object, oneOf, required, string, text } from '../fields/field.ts';
import type { ValueOf } from '../fields/field.ts';
import { conditions, lastHandledReconcileAt, metadataToSet } from '../fields/shared.ts';
import { ageColumn, defineKind, readyColumn, statusColumn } from '../kind/kind.ts';
import type { KindDefinition } from '../kind/kind.ts';
import type { KubeObject } from '../meta/object.ts';

const aliasPattern = '([a-z0-9]([a-z0-9_-]*[a-z0-9])?)';

const sourceReference = object('A source to take files from.', {
  alias: required(
    string('Name of the source within this object; no two sources may share it.', {
      maxLength: 63,
      pattern: '^[a-z0-9]([a-z0-9_-]*[a-z0-9])?$',
    }),
  ),
  kind: required(
    oneOf('Kind of the source.', ['Bucket', 'GitRepository', 'OCIRepository', 'HelmChart', 'ExternalArtifact']),
  ),
  name: required(string('Name of the source.', { maxLength: 253, pattern: '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$' })),
  namespace: string('Namespace of the source. Default: the namespace of this object.', {
    minLength: 1,
    maxLength: 63,
    pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$',
  }),
});

const copyOperation = object('Files to copy from a source.', {
  from: required(
    string('What to copy, as `@<alias>/<glob>`. With `pathPattern` it may hold captures such as `{app}`.', {
      minLength: 1,
      maxLength: 1024,
      pattern: `^@${aliasPattern}/(.*)$`,
    }),
  ),
  to: required(
    string('Where to put it, as `@artifact/<path>`. With `pathPattern` it may hold captures such as `{app}`.', {
      minLength: 1,
      maxLength: 1024,
      pattern: '^@(artifact)/(.*)$',
    }),
  ),
  exclude: array(
    'Globs of what to leave out, relative to the source or to the part of `from` that is no glob. A pattern without slash matches names at any depth.',
    text,
    { maxItems: 100 },
  ),
  strategy: oneOf(
    'What to do with a file that is there already: replace it (`Overwrite`, the default) or merge YAML the way Helm merges values (`Merge`). `Extract` unpacks archives (`.tar.gz`, `.tgz`) instead of copying them.',
    ['Overwrite', 'Merge', 'Extract'],
  ),
});

const outputArtifact = object('An ExternalArtifact to make.', {
  name: required(
    string('Name of the ExternalArtifact. With `pathPattern` it may hold captures such as `{app}`.', {
      minLength: 1,
      maxLength: 253,
    }),
  ),
  revision: string(
    'Source whose revision the artifact takes over, as `@<alias>`. Default: the digest of its content.',
    {
      maxLength: 64,
      pattern: `^@${aliasPattern}$`,
    },
  ),
  originRevision: string(
    'Source whose origin revision, if it has one, goes into the metadata of the artifact as `org.opencontainers.image.revision`; as `@<alias>`.',
    { maxLength: 64, pattern: `^@${aliasPattern}$` },
  ),
  copy: required(array('What goes into the artifact, in this order; later files win.', copyOperation, { minItems: 1 })),
});

const spec = object(
  'Which artifacts to make of which sources.',
  {
    sources: required(array('The sources.', sourceReference, { minItems: 1, maxItems: 1000 })),
    artifacts: required(array('The artifacts.', outputArtifact, { minItems: 1, maxItems: 1000 })),
    pathPattern: string(
      'Directories of a source for each of which the artifacts are made, as `@<alias>/<pattern>`. Captures such as `{app}` stand for one directory name and may be used in `artifacts`.',
      { maxLength: 1024, pattern: `^@${aliasPattern}/(.*)$` },
    ),
    commonMetadata: metadataToSet('Metadata to put on every ExternalArtifact.'),
  },
  {
    'x-kubernetes-validations': [
      {
        rule: "has(self.pathPattern) && size(self.pathPattern) > 0 || self.artifacts.all(a, a.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$'))",
        message: 'artifact names must be valid Kubernetes object names when pathPattern is not set',
      },
    ],
  },
);

const inventoryEntry = object('An artifact that was made.', {
  name: required(string('Name of the ExternalArtifact.')),
  namespace: required(string('Namespace of the ExternalArtifact.')),
  digest: required(string('Digest of the artifact.')),
  filename: required(string('Name of its file in the storage.')),
});

const status = object('What is known about the artifacts.', {
  lastHandledReconcileAt,
  conditions,
  observedSourcesDigest: string('Digest over the sources that the artifacts were made from.'),
  inventory: array('The artifacts that exist.', inventoryEntry),
});

export type ArtifactGeneratorSource = ValueOf<typeof sourceReference>;
export type CopyOperation = ValueOf<typeof copyOperation>;
export type OutputArtifact = ValueOf<typeof outputArtifact>;
/** An entry of `status.inventory` of an ArtifactGenerator. */
export type ExternalArtifactReference = ValueOf<typeof inventoryEntry>;
export type ArtifactGeneratorSpec = ValueOf<typeof spec>;
export type ArtifactGeneratorStatus = ValueOf<typeof status>;

/** Makes artifacts of files of other sources. */
export interface ArtifactGenerator extends KubeObject {
  spec: ArtifactGeneratorSpec;
  status?: ArtifactGeneratorStatus;
}

export const ArtifactGeneratorKind: KindDefinition<ArtifactGenerator> = defineKind<ArtifactGenerator>({
  group: 'source.extensions.fluxcd.io',
  version: 'v1beta1',
  kind: 'ArtifactGenerator',
  category: 'fluxcd-sources',
  component: 'source-watcher',
  shortNames: ['ag'],
  printerColumns: [ageColumn, readyColumn, statusColumn],
  description: 'Makes artifacts of files of other sources.',
  spec: required(spec),
  status,
});
