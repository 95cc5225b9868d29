import { startControlPlane } from '../../control-plane/start.ts';
import type { ControlPlane, StartOptions } from './index.ts';

/** etcd, kube-apiserver and kube-controller-manager; see e2e/control-plane. */
export async function startReal({ log, signal }: StartOptions): Promise<ControlPlane> {
  const plane = await startControlPlane({ log, signal });
  return {
    kind: 'real',
    kubeconfig: plane.kubeconfig,
    killApiServer: () => plane.killApiServer(),
    restartApiServer: () => plane.restartApiServer(),
    stop: () => plane.stop(),
  };
}
