import type { ObjectKey } from '@gitops-toolkit/api';
import type { InformerCache, KubeClient } from '@gitops-toolkit/kube';
import type { Registry } from 'prom-client';
import type { ArtifactFetcher } from '../artifacts/fetcher.ts';
import type { ControllerDefinition } from '../controller/definition.ts';
import type { ReconciledObject } from '../controller/object.ts';
import type { EventRecorder } from '../events/types.ts';
import type { FeatureGates } from '../gates/gates.ts';
import type { Logger } from '../log/logger.ts';

/** Something that runs beside the controllers, for instance an HTTP server. */
export interface Service {
  name: string;
  /** Start only after leadership is gained (RTM-259). Default false. */
  leaderOnly?: boolean;
  /** Resolves when the service has ended; must end when the signal aborts. A rejection ends the process. */
  run(signal: AbortSignal): Promise<void>;
}

/** A controller that was added to a manager. */
export interface ControllerHandle {
  /** Enqueue an object as if a watch had done so; `trigger` is `<Kind>/<ns>/<name>` of the cause. */
  enqueue(key: ObjectKey, trigger?: string): void;
}

/** Everything controllers of one process share, and their life cycle. */
export interface Manager {
  /** Controller name, for instance `kustomize-controller`: event source, lease name, default field manager. */
  readonly name: string;
  readonly fieldManager: string;
  readonly client: KubeClient;
  readonly cache: InformerCache;
  readonly log: Logger;
  readonly events: EventRecorder;
  readonly gates: FeatureGates;
  readonly metrics: Registry;
  /** Downloads, verifies and unpacks artifacts, once per revision for the whole process. */
  readonly artifacts: ArtifactFetcher;
  /** The controller's own namespace (`RUNTIME_NAMESPACE`). */
  readonly runtimeNamespace: string;
  /** Restricts watches; undefined: all namespaces (RTM-213). */
  readonly watchNamespace: string | undefined;
  /** `--watch-configs-label-selector`, undefined when config watchers are off. For {@link configWatches}. */
  readonly configSelector: string | undefined;

  /** Adds a controller. Before `start` only. */
  add<T extends ReconciledObject>(definition: ControllerDefinition<T>): ControllerHandle;
  addService(service: Service): void;
  /** Adds a named check to `/readyz` (and `/healthz` when `live`). Throwing or false fails it. */
  addCheck(name: string, check: () => boolean | Promise<boolean>, options?: { live?: boolean }): void;
  /**
   * Runs services, leader election, watches and workers until the signal aborts, then shuts down in order (RTM-268).
   * Rejects when leadership is lost or a service fails.
   */
  start(signal: AbortSignal): Promise<void>;
}
