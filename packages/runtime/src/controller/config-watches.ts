import type { ResourceType } from '@gitops-toolkit/api';
import type { Watch } from './definition.ts';
import type { ReconciledObject } from './object.ts';

const secrets: ResourceType = { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true };
const configMaps: ResourceType = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
};

/**
 * Watches on the Secrets and ConfigMaps that objects refer to (RTM-215), by metadata only; none when config watchers are
 * off.
 *
 * @param selector the manager's `configSelector`
 * @param index name of the index whose values are `Secret/<ns>/<name>` and `ConfigMap/<ns>/<name>`
 */
export function configWatches<T extends ReconciledObject>(selector: string | undefined, index: string): Watch<T>[] {
  if (selector === undefined) return [];
  const labelSelector = selector === '' ? undefined : selector;
  return [secrets, configMaps].map((kind) => ({ kind, metadataOnly: true, labelSelector, index }));
}
