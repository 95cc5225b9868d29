import { lstat, readdir, rm } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { resolveInside } from '@gitops-toolkit/artifact';
import { failing } from '@gitops-toolkit/runtime';
import { SourceCondition, SourceReason } from '../artifacts/conditions.ts';

/**
 * Removes every file of a checked-out tree whose path does not start with one of `spec.sparseCheckout`, as a plain
 * text: `app` keeps `apps/` and `app.yaml` too, `app/` does not (SRC-287…289). An empty list keeps everything.
 *
 * @throws ReconcileError when the tree has nothing at one of the paths (SRC-119, SRC-290)
 */
export async function keepSparse(directory: string, sparseCheckout: readonly string[] = []): Promise<void> {
  if (sparseCheckout.length === 0) return;
  const wanted = sparseCheckout.map((path) => path.replace(/^\.\//, ''));
  await prune(directory, '', wanted);
  for (const path of wanted) await mustExist(directory, path);
}

/** Tells whether anything is left. */
async function prune(root: string, parent: string, wanted: readonly string[]): Promise<boolean> {
  let kept = false;
  for (const child of await readdir(join(root, parent), { withFileTypes: true })) {
    const path = parent === '' ? child.name : `${parent}/${child.name}`;
    const prefix = child.isDirectory() ? `${path}/` : path;
    const isWanted =
      wanted.some((start) => prefix.startsWith(start)) ||
      (child.isDirectory() && wanted.some((start) => start.startsWith(prefix)) && (await prune(root, path, wanted)));
    if (!isWanted) await rm(join(root, path), { recursive: true });
    kept ||= isWanted;
  }
  return kept;
}

async function mustExist(directory: string, path: string): Promise<void> {
  try {
    await lstat(resolveInside(directory, posix.join('/', path)));
  } catch (error) {
    const message = `failed to sparse checkout directories : sparse checkout dir '${path}' does not exist in repository: nothing is there at this revision`;
    throw failing(SourceReason.GitOperationFailed, message, { condition: SourceCondition.FetchFailed, cause: error });
  }
}
