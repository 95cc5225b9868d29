import { access } from 'node:fs/promises';
import type { ControlPlane, StartOptions } from './index.ts';

/** A cluster that somebody else runs: it is used as it is, and left running. */
export async function useExisting({ kubeconfig }: StartOptions): Promise<ControlPlane> {
  if (kubeconfig === undefined) throw new Error('an existing cluster needs --kubeconfig FILE');
  await access(kubeconfig);
  return { kind: 'existing', kubeconfig, stop: async () => {} };
}
