import type { ResourceType } from '@gitops-toolkit/api';
import type { Manager } from '../manager/types.ts';
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
 * Watches on the Secrets and ConfigMaps that objects refer to (RTM-215), by metadata only; none when the manager has
 * config watchers off.
 *
 * @param index name of the index whose values are `Secret/<ns>/<name>` and `ConfigMap/<ns>/<name>`
 */
export function configWatches<T extends ReconciledObject>(
  { configSelector }: Pick<Manager, 'configSelector'>,
  index: string,
): Watch<T>[] {
  if (configSelector === undefined) return [];
  const labelSelector = configSelector === '' ? undefined : configSelector;
  return [secrets, configMaps].map((kind) => ({ kind, metadataOnly: true, labelSelector, index }));
}
