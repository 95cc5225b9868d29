/** API servers that suites run against, behind one interface. */
import { startEmbedded } from './embedded.ts';
import { useExisting } from './existing.ts';
import { startReal } from './real.ts';

/** `existing` is a cluster named with `--kubeconfig`. */
export type ControlPlaneKind = 'embedded' | 'real' | 'existing';

export interface ControlPlane {
  readonly kind: ControlPlaneKind;
  /** Path of a kubeconfig of a cluster administrator. */
  readonly kubeconfig: string;
  /** SIGKILL, or as close to it as this kind gets: connections break, state stays. Absent where it cannot be done. */
  killApiServer?(): Promise<void>;
  /** The API server again, at the same address with the same state; resolves when it is ready. */
  restartApiServer?(): Promise<void>;
  /** Ends it and removes what it wrote. */
  stop(): Promise<void>;
}

export interface StartOptions {
  log: (line: string) => void;
  signal: AbortSignal;
  /** Only for `existing`. */
  kubeconfig?: string;
}

/** Starts a control plane of a kind. @throws ControlPlaneUnavailableError when this machine cannot run it. */
export function startControlPlane(kind: ControlPlaneKind, options: StartOptions): Promise<ControlPlane> {
  return starters[kind](options);
}

const starters: Record<ControlPlaneKind, (options: StartOptions) => Promise<ControlPlane>> = {
  embedded: startEmbedded,
  real: startReal,
  existing: useExisting,
};
