/** Alert (spec 1.4). */
import { array, map, object, oneOf, required, string, text } from '../fields/field.ts';
import type { ValueOf } from '../fields/field.ts';
import { localObjectReference, suspend } from '../fields/shared.ts';
import { ageColumn, defineKind } from '../kind/kind.ts';
import type { KindDefinition } from '../kind/kind.ts';
import type { KubeObject } from '../meta/object.ts';
import { notificationKind, objectReference } from './group.ts';

const spec = object('Which events to send where.', {
  providerRef: required(localObjectReference('The Provider that takes the notifications.')),
  eventSeverity: oneOf('Which events to send: all (`info`), or errors only (`error`).', ['info', 'error'], {
    default: 'info',
  }),
  eventSources: required(array('Objects whose events are sent.', objectReference)),
  inclusionList: array('Regular expressions over the message; only events that one of them matches are sent.', text),
  exclusionList: array(
    'Regular expressions over the message; events that one of them matches are not sent. Wins over `inclusionList`.',
    text,
  ),
  eventMetadata: map('Facts to add to the metadata of every event, such as the name of the cluster.', text),
  summary: string('Text to add to the metadata as `summary`. Deprecated: use `eventMetadata`.', { maxLength: 255 }),
  suspend,
});

export type AlertSpec = ValueOf<typeof spec>;

/** Sends events about objects to a service. It has no status (NTF-5). */
export interface Alert extends KubeObject {
  spec: AlertSpec;
}

export const AlertKind: KindDefinition<Alert> = defineKind<Alert>({
  ...notificationKind,
  version: 'v1beta3',
  kind: 'Alert',
  printerColumns: [ageColumn],
  description: 'Sends events about objects to a service.',
  spec: required(spec),
});
