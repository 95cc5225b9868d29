import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { scratchFolder } from '../processes/index.ts';
import type { ControlPlane, StartOptions } from './index.ts';

/** The API server of `@gitops-toolkit/embedded-kube`, in this process. Its state ends with it, so it offers no outage. */
export async function startEmbedded({ log }: StartOptions): Promise<ControlPlane> {
  // Loaded on demand: runs on the other kinds do not pay for it.
  const { startEmbeddedKube } = await import('@gitops-toolkit/embedded-kube');
  const started = Date.now();
  const scratch = await scratchFolder('embedded');
  const server = await startEmbeddedKube();
  const kubeconfig = join(scratch.path, 'admin.kubeconfig');
  await writeFile(kubeconfig, server.kubeconfigYaml, { mode: 0o600 });
  log(`embedded API server ready after ${Date.now() - started} ms`);
  return {
    kind: 'embedded',
    kubeconfig,
    async stop() {
      await server.close();
      await scratch.remove();
    },
  };
}
