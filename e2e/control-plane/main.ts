/**
 * `npm run control-plane [-- build | -- DIRECTORY]`: builds the programs and ends, or runs a control plane until
 * Ctrl-C, with its files in a temporary folder or in DIRECTORY.
 */
import { resolve } from 'node:path';
import { findBinaries } from './binaries.ts';
import { startControlPlane } from './start.ts';

const log = (line: string) => console.error(line);
const [argument] = process.argv.slice(2);
const stopped = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopped.abort(new Error(name)));

try {
  if (argument === 'build') {
    const { origin, ...paths } = await findBinaries({ log, signal: stopped.signal });
    log(`programs from ${origin}:`);
    for (const path of Object.values(paths)) console.log(path);
  } else {
    const dataDir = argument === undefined ? undefined : resolve(process.env.GOTK_CWD ?? '.', argument);
    const plane = await startControlPlane({ dataDir, log, signal: stopped.signal });
    console.log(`export KUBECONFIG=${plane.kubeconfig}`);
    console.log(`# kubectl: ${plane.binaries.kubectl}`);
    const alive = setInterval(() => {}, 60_000);
    if (!stopped.signal.aborted) await new Promise((done) => stopped.signal.addEventListener('abort', done));
    clearInterval(alive);
    await plane.stop();
  }
} catch (error) {
  if (!stopped.signal.aborted) {
    log(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
