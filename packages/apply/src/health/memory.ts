import { type ResourceType } from '@gitops-toolkit/api';
import { type KubeClient } from '@gitops-toolkit/kube';
import { type AppliedCache } from '../cache/applied-cache.ts';
import { cacheKey } from '../cache/key.ts';
import { type LiveVersions } from '../cache/live-versions.ts';
import { createHealthRules, type HealthRules } from './rules.ts';
import { type HealthRef, type HealthWaitOptions } from './wait.ts';

/**
 * Lets a wait skip applied objects that have not changed since they were last found Current: a status is a function of
 * the object, so at the same version it is the same. Objects that the cache does not know are always read.
 *
 * Spread the result into the options of `waitForHealth`.
 */
export function healthMemory(
  client: KubeClient,
  options: { cache?: AppliedCache; live?: LiveVersions; health?: HealthRules },
): Required<Pick<HealthWaitOptions, 'isKnown' | 'onCurrent'>> {
  const { cache, live } = options;
  const rules = (options.health ?? createHealthRules()).digest;
  const keyOf = ({ type, key }: HealthRef) =>
    'plural' in type ? cacheKey(client, type as ResourceType, key) : undefined;
  return {
    isKnown(ref) {
      const name = keyOf(ref);
      const known = name === undefined ? undefined : cache?.get(name);
      if (known?.current?.rules !== rules) return false;
      const version = live?.get(ref.type as ResourceType, ref.key);
      return version?.uid === known.uid && version.resourceVersion === known.current.resourceVersion;
    },
    onCurrent(ref, { metadata: { resourceVersion, uid } }) {
      const name = keyOf(ref);
      if (name === undefined || !resourceVersion || cache?.get(name)?.uid !== uid) return;
      cache?.amend(name, { current: { resourceVersion, rules } });
    },
  };
}
