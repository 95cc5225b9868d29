import { readdirSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * The temporary directory of this process for unpacked artifacts: `<tmp>/<name>-<host>-<pid>`. Those of processes of the
 * same name and host that are gone are removed: a process that was killed could not do it.
 */
export function processFolder(name: string, parent: string = tmpdir()): string {
  // Two containers may share a directory but not their process ids; the host name tells them apart.
  const prefix = `${name}-${hostname()}-`;
  for (const entry of readdirSync(parent)) {
    if (!entry.startsWith(prefix)) continue;
    const pid = Number(entry.slice(prefix.length));
    if (Number.isSafeInteger(pid) && pid > 0 && !isAlive(pid))
      rmSync(join(parent, entry), { recursive: true, force: true });
  }
  return join(parent, `${prefix}${process.pid}`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
