/** Temporary folders and process groups that go away with this program, even when it is killed. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Socket } from 'node:net';

let reaper: ChildProcess | undefined;

/** Tells the reaper, which is started by the first call and ends with this program. */
function tell(operation: string, value: string): void {
  if (!reaper) {
    reaper = spawn(process.execPath, [join(import.meta.dirname, 'reaper.ts')], {
      stdio: ['pipe', 'ignore', 'inherit'],
      // Ctrl-C goes to the group of the terminal; the reaper must survive it.
      detached: true,
    });
    reaper.unref();
    (reaper.stdin as Socket | null)?.unref();
    reaper.stdin?.on('error', () => {});
  }
  reaper.stdin?.write(`${operation} ${value}\n`);
}

/** Has a process group (by the id of its leader) killed when this program ends. Call the result once it ended. */
export function reapGroup(pid: number): () => void {
  tell('+group', String(pid));
  return () => tell('-group', String(pid));
}

/** A new temporary folder, removed by `remove` or, unless `keep` is set, when this program ends. */
export async function scratchFolder(
  name: string,
  options: { keep?: boolean } = {},
): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), `gotk-${name}-`));
  if (!options.keep) tell('+folder', path);
  return {
    path,
    async remove() {
      await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
      tell('-folder', path);
    },
  };
}
