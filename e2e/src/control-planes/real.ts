import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startSimulation } from '@gitops-toolkit/embedded-kube';
import { startControlPlane, type ControlPlane as RealControlPlane } from '../../control-plane/start.ts';
import { startProgram, waitFor } from '../processes/index.ts';
import type { ControlPlane, StartOptions } from './index.ts';

/** etcd, kube-apiserver and kube-controller-manager (see e2e/control-plane), with simulated nodes. */
export async function startReal({ log, signal }: StartOptions): Promise<ControlPlane> {
  const plane = await startControlPlane({ log, signal });
  const simulation = await simulateNodes(plane, signal);
  return {
    kind: 'real',
    kubeconfig: plane.kubeconfig,
    killApiServer: () => plane.killApiServer(),
    restartApiServer: () => plane.restartApiServer(),
    async stop() {
      await simulation.stop();
      await plane.stop();
    },
  };
}

/** Workloads progress as on the embedded server. The simulation speaks plain HTTP: kubectl adds the credentials. */
async function simulateNodes(plane: RealControlPlane, signal: AbortSignal): Promise<{ stop(): Promise<void> }> {
  const proxy = await startProgram({
    name: 'kubectl-proxy',
    command: plane.binaries.kubectl,
    args: ['proxy', '--port=0', `--kubeconfig=${plane.kubeconfig}`],
    logFile: join(plane.folder, 'kubectl-proxy.log'),
  });
  const address = await waitFor(
    'kubectl proxy to listen',
    async () => /127\.0\.0\.1:\d+/.exec(await readFile(proxy.logFile, 'utf8'))?.[0],
    { signal },
  );
  const simulation = startSimulation({ url: `http://${address}` });
  return {
    async stop() {
      await simulation.stop();
      await proxy.stop();
    },
  };
}
