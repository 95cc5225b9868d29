import { setTimeout as delay } from 'node:timers/promises';
import {
  GitRepositoryKind,
  KustomizationKind,
  apiVersionOf,
  type GitRepository,
  type Kustomization,
} from '@gitops-toolkit/api';
import { isNotFound, type KubeClient } from '@gitops-toolkit/kube';
import { fieldManager } from './cluster.ts';
import type { UpOptions } from './options.ts';
import type { ServedRepository } from './repository.ts';

/** The GitRepository and the Kustomization from which everything else follows. */
export async function createRootObjects(
  client: KubeClient,
  options: UpOptions,
  repository: ServedRepository,
  signal: AbortSignal,
): Promise<void> {
  const metadata = { name: options.name, namespace: options.namespace };
  const source: GitRepository = {
    apiVersion: apiVersionOf(GitRepositoryKind),
    kind: 'GitRepository',
    metadata,
    spec: { url: repository.url, ref: { branch: repository.branch }, interval: options.interval, timeout: '60s' },
  };
  const root: Kustomization = {
    apiVersion: apiVersionOf(KustomizationKind),
    kind: 'Kustomization',
    metadata,
    spec: {
      interval: options.interval,
      retryInterval: '10s',
      sourceRef: { kind: 'GitRepository', name: options.name },
      path: repository.path,
      prune: true,
    } as Kustomization['spec'],
  };
  for (const object of [source, root]) await client.apply(object, { fieldManager, force: true, signal });
}

/** Deletes both, the Kustomization first, and waits until their finalizers have run. */
export async function removeRootObjects(client: KubeClient, options: UpOptions, signal: AbortSignal): Promise<void> {
  const key = { name: options.name, namespace: options.namespace };
  for (const kind of [KustomizationKind, GitRepositoryKind]) {
    try {
      await client.delete(kind, key, { signal });
      while (await client.find(kind, key, { signal, metadataOnly: true })) await delay(200, undefined, { signal });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
