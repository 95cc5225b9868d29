import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { scratchFolder } from '../processes/index.ts';
import { openGate } from './gate.ts';
import type { ControlPlane, StartOptions } from './index.ts';

/** The API server of `@gitops-toolkit/embedded-kube`, in this process, behind a gate that can be shut for an outage. */
export async function startEmbedded({ log }: StartOptions): Promise<ControlPlane> {
  // Loaded on demand: runs on the other kinds do not pay for it.
  const { startEmbeddedKube } = await import('@gitops-toolkit/embedded-kube');
  const started = Date.now();
  const scratch = await scratchFolder('embedded');
  const server = await startEmbeddedKube();
  const behind = new URL(server.url);
  const gate = await openGate(Number(behind.port));
  const kubeconfig = join(scratch.path, 'admin.kubeconfig');
  const text = server.kubeconfigYaml.replaceAll(behind.host, `127.0.0.1:${gate.port}`);
  await writeFile(kubeconfig, text, { mode: 0o600 });
  log(`embedded API server ready after ${Date.now() - started} ms`);
  return {
    kind: 'embedded',
    kubeconfig,
    killApiServer: () => gate.shut(),
    restartApiServer: () => gate.open(),
    async stop() {
      await gate.shut();
      await server.close();
      await scratch.remove();
    },
  };
}
