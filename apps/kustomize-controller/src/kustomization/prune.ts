import type { Artifact, Kustomization } from '@gitops-toolkit/api';
import {
  changeText,
  inventoryOf,
  prune,
  PruneError,
  staleEntries,
  type AppliedChange,
  type InventoryEntry,
} from '@gitops-toolkit/apply';
import type { KubeClient } from '@gitops-toolkit/kube';
import { retry, type ReconcileContext } from '@gitops-toolkit/runtime';
import type { BuildOutput } from '../build/request.ts';
import { ownerOf, type Engine } from './engine.ts';
import { recordHistory } from './history.ts';
import type { Progress } from './progress.ts';
import { retryIntervalMs } from './spec.ts';

export interface PruneStep {
  built: BuildOutput;
  client: KubeClient;
  changes: AppliedChange[];
  artifact: Artifact;
  engine: Engine;
  progress: Progress;
}

/** Replaces the inventory and deletes what left it (KUS-22, KUS-23, KUS-273…283; event b). */
export async function collectGarbage(ctx: ReconcileContext<Kustomization>, step: PruneStep): Promise<void> {
  const { object } = ctx;
  const before = (object.status?.inventory?.entries ?? []) as InventoryEntry[];
  const after = inventoryOf(step.changes);
  if (isSame(before, after)) return;
  await step.progress.speak();
  const stale = object.spec.prune ? staleEntries(before, after) : [];
  const store = (entries: InventoryEntry[]) => void ((object.status ??= {}).inventory = { entries });
  try {
    const removed = await prune(step.client, stale, {
      owner: ownerOf(object),
      cache: step.engine.applied,
      signal: ctx.signal,
    });
    store(after);
    if (removed.length > 0) {
      ctx.log.info({ changes: removed.map(changeText) }, 'garbage collection completed');
      ctx.events.emit({ reason: 'Progressing', message: removed.map(changeText).join('\n') });
    }
  } catch (error) {
    if (!(error instanceof PruneError)) throw error;
    store([...after, ...error.remaining]);
    recordHistory(ctx, step.built.digest, step.artifact, 'PruneFailed');
    throw retry('PruneFailed', error.message, retryIntervalMs(object), { cause: error });
  }
}

function isSame(a: InventoryEntry[], b: InventoryEntry[]): boolean {
  return a.length === b.length && a.every(({ id, v }, index) => b[index]!.id === id && b[index]!.v === v);
}
