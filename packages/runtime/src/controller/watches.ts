import { keyText, type KubeObject, type ObjectKey, type UnstructuredObject } from '@gitops-toolkit/api';
import type { Informer, InformerCache, InformerOptions } from '@gitops-toolkit/kube';
import { CircularDependencyError, sortByDependency } from '../dependencies/sort.ts';
import type { Logger } from '../log/logger.ts';
import { resourceVersionChanged } from '../requests/predicates.ts';
import type { Change, ControllerDefinition, Watch } from './definition.ts';
import type { ReconciledObject } from './object.ts';

/** `<Kind>/<namespace>/<name>`: values of indexes, and how triggers are named. */
export function refText(kind: string, namespace: string | undefined, name: string): string {
  return `${kind}/${keyText({ namespace, name })}`;
}

/** Calls `handle` for every change of the informer's objects. */
export function onChange<W extends KubeObject>(informer: Informer<W>, handle: (change: Change<W>) => void): void {
  informer.subscribe({
    added: (after) => handle({ after }),
    updated: (after, before) => handle({ before, after }),
    deleted: (before) => handle({ before }),
  });
}

/** Enqueues objects of ours when a watched object of another kind changes. */
export function wireWatch<T extends ReconciledObject>(
  watch: Watch<T>,
  setup: {
    definition: ControllerDefinition<T>;
    objects: Informer<T>;
    cache: InformerCache;
    options: InformerOptions;
    log: Logger;
    enqueue(key: ObjectKey, trigger: string): void;
  },
): Informer {
  const { cache, objects, definition, log } = setup;
  const { when = resourceVersionChanged } = watch;
  const informer = cache.informer<UnstructuredObject>(watch.kind, {
    ...setup.options,
    ...(watch.metadataOnly ? { metadataOnly: true } : {}),
    ...(watch.labelSelector ? { labelSelector: watch.labelSelector } : {}),
  });
  onChange(informer, (change) => {
    const cause = change.after ?? change.before!;
    if (!when(change)) return;
    const trigger = refText(watch.kind.kind, cause.metadata.namespace, cause.metadata.name);
    try {
      for (const key of affected(watch, cause, trigger, objects, definition)) setup.enqueue(key, trigger);
    } catch (error) {
      if (!(error instanceof CircularDependencyError)) throw error;
      log.error({ err: error, trigger }, `nothing is enqueued for ${trigger}: ${error.message}`);
    }
  });
  return informer;
}

function affected<T extends ReconciledObject>(
  watch: Watch<T>,
  cause: UnstructuredObject,
  trigger: string,
  objects: Informer<T>,
  definition: ControllerDefinition<T>,
): ObjectKey[] {
  if (watch.enqueue) return watch.enqueue(cause, objects);
  if (!watch.index) return [];
  const found = objects.byIndex(watch.index, trigger).filter((object) => !watch.unless?.(object, cause));
  const keys = found.map(({ metadata: { namespace, name } }) => ({ namespace, name }));
  if (!watch.ordered || !definition.dependsOn) return keys;
  return sortByDependency(
    found.map((object) => ({
      namespace: object.metadata.namespace,
      name: object.metadata.name,
      dependsOn: definition.dependsOn!(object),
    })),
  );
}
