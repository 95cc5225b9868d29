import type { Kustomization } from '@gitops-toolkit/api';
import {
  changeText,
  parseInventoryEntry,
  prune,
  PruneError,
  refText,
  terminating,
  TerminationError,
  waitForTermination,
  type PruneChange,
} from '@gitops-toolkit/apply';
import { failing, READY, type ReconcileContext } from '@gitops-toolkit/runtime';
import { ownerOf, type Engine } from './engine.ts';
import { deletionPolicy, effectiveTimeoutMs } from './spec.ts';

/** What happens to the managed objects when a Kustomization is deleted (KUS-322…332). */
export async function finalizeKustomization(ctx: ReconcileContext<Kustomization>, engine: Engine): Promise<void> {
  const { object } = ctx;
  const entries = object.status?.inventory?.entries ?? [];
  const policy = deletionPolicy(object);
  if (object.spec.suspend || policy === 'Orphan' || entries.length === 0) return;

  const { lastAppliedRevision, lastAppliedOriginRevision } = object.status ?? {};
  if (lastAppliedRevision) ctx.events.facts.revision = lastAppliedRevision;
  if (lastAppliedOriginRevision) ctx.events.facts.originRevision = lastAppliedOriginRevision;
  const reason = ctx.conditions.get(READY)?.reason;

  if (!(await engine.targets.canImpersonate(ctx))) {
    // The tenant's account is gone, and with it any right to delete: objects stay, and somebody gets to know (KUS-325).
    const refs = entries.map((entry) => refText(parseInventoryEntry(entry)));
    ctx.events.emit({
      type: 'Warning',
      reason: reason ?? 'error',
      message: `unable to prune objects: \n${refs.join('\n')}`,
    });
    return;
  }

  const { client } = await engine.targets.of(ctx);
  const changes = await remove(ctx, client, entries, engine, reason);
  if (changes.length > 0) {
    ctx.events.emit({ reason: reason ?? 'info', message: changes.map(changeText).join('\n') });
  }
  if (policy !== 'WaitForTermination') return;
  try {
    await ctx.release((signal) =>
      waitForTermination(client, terminating(changes), { timeoutMs: effectiveTimeoutMs(object), signal }),
    );
  } catch (error) {
    if (!(error instanceof TerminationError)) throw error;
    ctx.log.error({ err: error }, 'objects are still there; the finalizer is removed all the same');
    ctx.events.emit({
      type: 'Warning',
      reason: reason ?? 'error',
      message: 'failed to wait for resources termination',
    });
  }
}

async function remove(
  ctx: ReconcileContext<Kustomization>,
  client: Parameters<typeof prune>[0],
  entries: Parameters<typeof prune>[1],
  engine: Engine,
  reason: string | undefined,
): Promise<PruneChange[]> {
  try {
    return await prune(client, entries, { owner: ownerOf(ctx.object), cache: engine.applied, signal: ctx.signal });
  } catch (error) {
    if (!(error instanceof PruneError)) throw error;
    throw failing('PruneFailed', error.message, {
      cause: error,
      event: { type: 'Warning', reason: reason ?? 'error', message: 'pruning for deleted resource failed' },
    });
  }
}
