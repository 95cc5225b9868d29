import type { InformerCache, KubeClient } from '@gitops-toolkit/kube';
import type { EventRecorder } from '../events/types.ts';
import type { FeatureGates } from '../gates/gates.ts';
import type { Logger } from '../log/logger.ts';
import type { ControllerMetrics } from '../metrics/controller.ts';
import type { Clock } from '../time/clock.ts';

/** What a controller gets from its manager. */
export interface ControllerHost {
  client: KubeClient;
  cache: InformerCache;
  log: Logger;
  events: EventRecorder;
  gates: FeatureGates;
  metrics: (kind: string) => ControllerMetrics;
  fieldManager: string;
  concurrent: number;
  minRetryDelayMs: number;
  maxRetryDelayMs: number;
  jitterPercent: number;
  watchNamespace?: string;
  /** Selects the objects to reconcile (RTM-214). */
  labelSelector?: string;
  clock: Clock;
  random: () => number;
}
