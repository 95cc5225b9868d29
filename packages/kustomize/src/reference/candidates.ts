import { effectiveNamespace, type ResourceId } from '../resource/id.ts';
import { currentId, originalId, previousIds, type Resource } from '../resource/resource.ts';

/** An object that was renamed or moved, so that references to it may have to follow. */
export interface Candidate {
  resource: Resource;
  current: ResourceId;
  /** Effective namespace now. */
  namespace: string;
  originalNamespace: string;
  originalCluster: boolean;
  previous: ResourceId[];
}

/** Candidates by previous name: what keeps reference fixing linear in the number of objects. */
export class CandidateIndex {
  readonly #byName = new Map<string, Candidate[]>();
  readonly #byOriginalNamespace = new Map<string, Candidate[]>();

  constructor(resources: readonly Resource[]) {
    for (const resource of resources) {
      const current = currentId(resource);
      const original = originalId(resource);
      const candidate: Candidate = {
        resource,
        current,
        namespace: effectiveNamespace(current),
        originalNamespace: effectiveNamespace(original),
        originalCluster: original.cluster,
        previous: previousIds(resource),
      };
      if (!original.cluster) push(this.#byOriginalNamespace, candidate.originalNamespace, candidate);
      for (const name of new Set(candidate.previous.map((id) => id.name))) push(this.#byName, name, candidate);
    }
  }

  /** Objects that had the name before. */
  named(name: string): readonly Candidate[] {
    return this.#byName.get(name) ?? [];
  }

  /** All objects, renamed or not, whose first id was in the namespace. */
  originallyIn(namespace: string): readonly Candidate[] {
    return this.#byOriginalNamespace.get(namespace) ?? [];
  }
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const known = map.get(key);
  if (known) known.push(value);
  else map.set(key, [value]);
}
