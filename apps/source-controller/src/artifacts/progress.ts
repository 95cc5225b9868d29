import { failing, type ReconcileContext } from '@gitops-toolkit/runtime';
import { SourceReason } from './conditions.ts';
import type { StoredSource } from './storage.ts';

/**
 * Says, and stores at once, that an artifact is being built and why: consumers that wait for the object see that what
 * it has now is not what it will have (SRC-93, SRC-98…101).
 */
export async function announceBuild<T extends StoredSource>(ctx: ReconcileContext<T>, why?: string): Promise<void> {
  try {
    await ctx.progress(why === undefined ? 'building artifact' : `building artifact: ${why}`, { drift: true });
  } catch (error) {
    ctx.signal.throwIfAborted();
    const message = `cannot store the status: ${(error as Error).message}`;
    throw failing(SourceReason.PatchOperationFailed, message, { cause: error });
  }
}
