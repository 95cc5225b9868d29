import { keyText, type KubeObject, type ObjectKey } from '@gitops-toolkit/api';
import type { Informer } from '@gitops-toolkit/kube';

/**
 * Reads objects from an informer, but never an older state than the one we stored ourselves: the watch may be behind
 * our own writes. Remembers an object only until the watch has caught up.
 */
export interface FreshReader<T extends KubeObject> {
  get(key: ObjectKey): T | undefined;
  /** Notes what the server answered to our write. */
  stored(object: T): void;
}

export function createFreshReader<T extends KubeObject>(informer: Informer<T>): FreshReader<T> {
  const ahead = new Map<string, T>();
  informer.subscribe({
    updated(object) {
      const key = keyText(object.metadata);
      const ours = ahead.get(key);
      if (ours && !isNewer(ours, object)) ahead.delete(key);
    },
    deleted: (object) => void ahead.delete(keyText(object.metadata)),
  });
  return {
    get(key) {
      const seen = informer.get(key);
      const ours = ahead.get(keyText(key));
      return seen && ours && ours.metadata.uid === seen.metadata.uid && isNewer(ours, seen) ? ours : seen;
    },
    stored(object) {
      const seen = informer.get(object.metadata);
      if (seen && isNewer(object, seen)) ahead.set(keyText(object.metadata), object);
    },
  };
}

/** Resource versions of one object grow; they are decimal numbers on every API server in use. */
function isNewer(a: KubeObject, b: KubeObject): boolean {
  return Number(a.metadata.resourceVersion) > Number(b.metadata.resourceVersion);
}
