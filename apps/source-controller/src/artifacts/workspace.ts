import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { failing, type ReconcileContext } from '@gitops-toolkit/runtime';
import { SourceCondition, SourceReason } from './conditions.ts';
import type { StoredSource } from './storage.ts';

/** Hands out temporary directories to runs. */
export interface Workspaces {
  /** Runs `work` with an empty directory of its own, which is removed afterwards, whatever happened (SRC-191). */
  use<T extends StoredSource, R>(ctx: ReconcileContext<T>, work: (directory: string) => Promise<R>): Promise<R>;
}

/**
 * Workspaces below `directory`, which belongs to this process alone. The first use removes what a process that was
 * killed has left there.
 */
export function createWorkspaces(directory: string): Workspaces {
  let swept: Promise<void> | undefined;
  const retryNextTime = (error: unknown) => {
    swept = undefined;
    throw error;
  };

  async function create(prefix: string): Promise<string> {
    try {
      await (swept ??= rm(directory, { recursive: true, force: true }).catch(retryNextTime));
      await mkdir(directory, { recursive: true, mode: 0o700 });
      return await mkdtemp(join(directory, prefix));
    } catch (error) {
      const message = `failed to create temporary working directory: ${(error as Error).message}`;
      const condition = SourceCondition.StorageOperationFailed;
      throw failing(SourceReason.DirectoryCreationFailed, message, { condition, cause: error });
    }
  }

  return {
    async use({ object, log }, work) {
      const workspace = await create(`${object.kind.toLowerCase()}-`);
      try {
        return await work(workspace);
      } finally {
        await rm(workspace, { recursive: true, force: true }).catch((error: unknown) =>
          log.error({ err: error }, 'failed to remove a temporary working directory'),
        );
      }
    },
  };
}
