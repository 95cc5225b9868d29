/** Informers shared by all who ask for the same objects in the same form. */
import { apiVersionOf, type KubeObject, type UnstructuredObject } from '@gitops-toolkit/api';
import type { Informer, InformerCache, InformerOptions, KubeClient, TypeRef } from '../types.ts';
import { createInformer, type InformerHooks, type RunningInformer } from './informer.ts';

/** Informers over one client. They keep trying, whatever happens, until the signal given to `start` is aborted. */
export function createInformerCache(client: KubeClient, hooks: InformerHooks = {}): InformerCache {
  const informers = new Map<string, RunningInformer<UnstructuredObject>>();
  const transforms: unknown[] = [];
  let running: AbortSignal | undefined;

  function keyOf(type: TypeRef, options: InformerOptions): string {
    const { transform, namespace, labelSelector, fieldSelector, metadataOnly = false } = options;
    if (transform && !transforms.includes(transform)) transforms.push(transform);
    const form = [namespace, labelSelector, fieldSelector, metadataOnly, transforms.indexOf(transform)];
    return JSON.stringify([apiVersionOf(type), type.kind, ...form]);
  }

  function run(informer: RunningInformer<UnstructuredObject>, signal: AbortSignal): void {
    informer.run(signal).catch((error: unknown) => hooks.onError?.(informer.type, error));
  }

  return {
    informer<T extends KubeObject>(type: TypeRef, options: InformerOptions = {}): Informer<T> {
      const key = keyOf(type, options);
      let informer = informers.get(key);
      if (!informer) {
        informer = createInformer(client, type, options, hooks);
        informers.set(key, informer);
        if (running) run(informer, running);
      }
      return informer as unknown as Informer<T>;
    },
    start(signal) {
      if (running) throw new Error('the informer cache has been started already');
      running = signal;
      for (const informer of informers.values()) run(informer, signal);
    },
    async waitForSync(signal) {
      await Promise.all(Array.from(informers.values(), (informer) => informer.settled(signal)));
    },
  };
}
