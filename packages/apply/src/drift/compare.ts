import { type UnstructuredObject } from '@gitops-toolkit/api';
import { distinctMetrics } from '../manifest/normalize.ts';
import { jsonEqual } from '../object/equal.ts';
import { cloneObject, isRecord } from '../object/object.ts';
import { type PointerPath, removeAt } from '../object/pointer.ts';

/**
 * True when a live object differs from the result of a dry run in labels, annotations, or anything but metadata and
 * status (KUS-259); `ignored` paths are left out on both sides (KUS-266).
 */
export function hasDrifted(
  live: UnstructuredObject,
  dryRun: UnstructuredObject,
  ignored: readonly PointerPath[] = [],
): boolean {
  return !jsonEqual(comparable(live, ignored), comparable(dryRun, ignored));
}

function comparable(object: UnstructuredObject, ignored: readonly PointerPath[]): UnstructuredObject {
  let source = object;
  if (ignored.length > 0) {
    source = cloneObject(object);
    for (const path of ignored) removeAt(source, path);
  }
  const { labels = {}, annotations = {} } = source.metadata;
  const { status: _, ...rest } = source;
  // Only the parts of metadata that count are kept.
  const kept = { ...rest, metadata: { labels, annotations } } as unknown as UnstructuredObject;
  if (kept.kind === 'HorizontalPodAutoscaler' && isRecord(kept.spec) && 'metrics' in kept.spec) {
    kept.spec = { ...kept.spec, metrics: distinctMetrics(kept.spec.metrics) };
  }
  return kept;
}
