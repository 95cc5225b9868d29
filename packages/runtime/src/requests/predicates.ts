import type { KubeObject } from '@gitops-toolkit/api';
import type { Change } from '../controller/definition.ts';
import { requestedAt } from './annotations.ts';

type AnyPredicate = (change: Change<KubeObject>) => boolean;

/** The spec changed, or the object began to be deleted. */
export const generationChanged: AnyPredicate = ({ before, after }) =>
  !!before && !!after && before.metadata.generation !== after.metadata.generation;

/** The object is being deleted and was not before; some servers do not count that as a new generation. */
export const deletionStarted: AnyPredicate = ({ before, after }) =>
  !!before && !!after && !before.metadata.deletionTimestamp && !!after.metadata.deletionTimestamp;

/** requestedAt is present and new; removing it does not count (RTM-197, RTM-517). */
export const requestChanged: AnyPredicate = ({ before, after }) => {
  if (!before || !after) return false;
  const token = requestedAt(after);
  return token !== undefined && token !== requestedAt(before);
};

/** Created or deleted (RTM-198). */
export const createdOrDeleted: AnyPredicate = ({ before, after }) => !before || !after;

export const resourceVersionChanged: AnyPredicate = ({ before, after }) =>
  before?.metadata.resourceVersion !== after?.metadata.resourceVersion;

/**
 * A source's artifact appeared or has another revision or digest; creations and deletions count (RTM-218).
 *
 * @param field `revision` (default) or `digest`
 */
export function artifactChanged(field: 'revision' | 'digest' = 'revision'): AnyPredicate {
  const valueOf = (object: KubeObject | undefined) =>
    (object as { status?: { artifact?: Record<string, string> } } | undefined)?.status?.artifact?.[field];
  return (change) => {
    if (createdOrDeleted(change)) return true;
    const now = valueOf(change.after);
    return now !== undefined && now !== valueOf(change.before);
  };
}

/** True when one of them is. */
export function anyOf(...predicates: AnyPredicate[]): AnyPredicate {
  return (change) => predicates.some((predicate) => predicate(change));
}

/** What triggers a run of a kind unless its definition says otherwise (RTM-197, RTM-198). */
export const specOrRequestChanged: AnyPredicate = anyOf(
  createdOrDeleted,
  generationChanged,
  deletionStarted,
  requestChanged,
);
