/** Kinds to resources, from a cache of what discovery said. */
import { apiVersionOf, type GroupVersionKind } from '@gitops-toolkit/api';
import { DiscoveryError, NoMatchError } from '../errors.ts';
import { abortable } from '../transport/deadline.ts';
import type { CallOptions, DiscoveredResource, RestMapper } from '../types.ts';
import { discover, type Discovery, type Fetch } from './discovery.ts';

/** A kind that is not known makes the mapper ask again, but not more often than this. */
const refreshMs = 5_000;
/** What is known is asked about again after this time, as kinds also go away. */
const maxAgeMs = 10 * 60_000;

interface Known extends Discovery {
  at: number;
  byKind: Map<string, DiscoveredResource>;
}

const kindKey = (type: GroupVersionKind) => `${apiVersionOf(type)}/${type.kind}`;

/** A mapper over `fetch`; requests in flight are shared by all who wait for them. */
export function createMapper(fetch: Fetch, now: () => number = () => performance.now()): RestMapper {
  let known: Known | undefined;
  let loading: { generation: number; work: Promise<Known> } | undefined;
  let generation = 0;

  async function load(mine: number): Promise<Known> {
    try {
      const at = now();
      const found = await discover(fetch);
      const byKind = new Map<string, DiscoveredResource>();
      for (const type of found.resources) {
        const key = kindKey(type);
        if (!byKind.has(key)) byKind.set(key, type);
      }
      const result = { ...found, at, byKind };
      // An answer that was under way when the cache was invalidated may be from before the change.
      if (mine === generation) known = result;
      return result;
    } finally {
      if (loading?.generation === mine) loading = undefined;
    }
  }

  function refresh(signal?: AbortSignal): Promise<Known> {
    if (loading?.generation !== generation) loading = { generation, work: load(generation) };
    return abortable(loading.work, signal);
  }

  /** What `find` makes of the cache, or of a fresh answer when the cache has nothing for it. */
  async function lookUp<T>(
    find: (known: Known) => T | undefined,
    wanted: { group: string; version?: string; kind: string },
    options?: CallOptions,
  ): Promise<T> {
    let source = known && now() - known.at < maxAgeMs ? known : await refresh(options?.signal);
    let hit = find(source);
    if (hit === undefined && now() - source.at >= refreshMs) {
      source = await refresh(options?.signal);
      hit = find(source);
    }
    if (hit !== undefined) return hit;
    const failure = failureOf(source, wanted);
    // Not to be able to ask is not the same as not to be served: nobody may conclude that objects are gone.
    throw failure === undefined ? new NoMatchError(wanted) : new DiscoveryError(wanted, failure);
  }

  return {
    resourceFor: (gvk, options) => lookUp(({ byKind }) => byKind.get(kindKey(gvk)), gvk, options),
    preferred: (group, kind, options) =>
      lookUp(
        ({ resources }) => resources.find((type) => type.group === group && type.kind === kind),
        { group, kind },
        options,
      ),
    async resources(options) {
      const source = known && now() - known.at < maxAgeMs ? known : await refresh(options?.signal);
      return source.resources;
    },
    invalidate() {
      generation++;
      known = undefined;
    },
  };
}

function failureOf({ failures }: Known, wanted: { group: string; version?: string }): Error | undefined {
  const { group, version } = wanted;
  if (version) return failures.get(apiVersionOf({ group, version }));
  for (const [text, error] of failures) if (text.startsWith(`${group}/`)) return error;
  return undefined;
}
