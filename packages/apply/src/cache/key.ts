import { keyText, type ObjectKey, type ResourceType } from '@gitops-toolkit/api';
import { type KubeClient } from '@gitops-toolkit/kube';

/** Under which name the cache knows an object. */
export function cacheKey(client: KubeClient, type: ResourceType, key: ObjectKey): string {
  return `${client.server} ${type.group}/${type.kind} ${keyText(key)}`;
}
