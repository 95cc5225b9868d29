/** ExternalArtifact (SRC-54 to SRC-60, SRC-81). */
import { object } from '../fields/field.ts';
import type { ValueOf } from '../fields/field.ts';
import { artifact, conditions, namespacedObjectKindReference } from '../fields/shared.ts';
import { ageColumn, column, defineKind, readyColumn, statusColumn } from '../kind/kind.ts';
import type { KindDefinition } from '../kind/kind.ts';
import type { KubeObject } from '../meta/object.ts';
import { sourceKind } from './group.ts';

const spec = object('Where the artifact comes from.', {
  sourceRef: namespacedObjectKindReference('The object that the artifact was made from.'),
});

const status = object('The artifact, written by the program that makes it.', {
  conditions,
  artifact: artifact('The artifact.'),
});

export type ExternalArtifactSpec = ValueOf<typeof spec>;
export type ExternalArtifactStatus = ValueOf<typeof status>;

/** An artifact that another program than the source controller makes and serves. */
export interface ExternalArtifact extends KubeObject {
  spec?: ExternalArtifactSpec;
  status?: ExternalArtifactStatus;
}

export const ExternalArtifactKind: KindDefinition<ExternalArtifact> = defineKind<ExternalArtifact>({
  ...sourceKind,
  kind: 'ExternalArtifact',
  shortNames: ['ea'],
  printerColumns: [ageColumn, readyColumn, statusColumn, column('Source', '.spec.sourceRef.name')],
  description: 'An artifact that another program than the source controller makes and serves.',
  spec,
  status,
});
