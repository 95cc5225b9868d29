import type { Kustomization } from '@gitops-toolkit/api';
import {
  createAppliedCache,
  informedVersions,
  type AppliedCache,
  type LiveVersions,
  type Owner,
} from '@gitops-toolkit/apply';
import { createInformerCache, type KubeClient } from '@gitops-toolkit/kube';
import { createBuilder, type Builder } from '../build/builder.ts';
import { createTargets, type Targets } from './identity.ts';
import type { Settings } from './settings.ts';

/** API group of the kind; prefix of ownership labels and of the marks on objects. */
export const group = 'kustomize.toolkit.fluxcd.io';
/** Owns the fields of applied objects (KUS-231). */
export const applyManager = 'kustomize-controller';

/** What lives as long as the process and makes runs cheap; losing any of it costs requests and nothing else. */
export interface Engine {
  builder: Builder;
  targets: Targets;
  applied: AppliedCache;
  /** Live versions of applied objects, for the controller's own identity in its own cluster. */
  liveVersions(client: KubeClient): LiveVersions | undefined;
  /** Keeps what runs in the background alive until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

/** Creates the engine of a process. */
export function createEngine(settings: Settings): Engine {
  const { manager } = settings;
  const builder = createBuilder();
  const informers = createInformerCache(manager.client, {
    // Without the watch of a kind its objects are read, which costs requests and nothing else.
    onError: (type, err) => manager.log.debug({ err, kind: type.kind }, `cannot watch applied ${type.kind}`),
  });
  const versions = informedVersions(informers, `${group}/name`);
  return {
    builder,
    targets: createTargets(settings),
    applied: createAppliedCache(),
    // A tenant may not be allowed to see what the controller sees, and another cluster has other objects.
    liveVersions: (client) => (client === manager.client ? versions : undefined),
    async run(signal) {
      informers.start(signal);
      await new Promise<void>((stopped) => signal.addEventListener('abort', () => stopped(), { once: true }));
      await builder.close();
    },
  };
}

/** The owner of everything that a Kustomization applies (KUS-223). */
export function ownerOf({ metadata }: Kustomization): Owner {
  return { group, name: metadata.name, namespace: metadata.namespace! };
}
