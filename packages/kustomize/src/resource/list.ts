import { KustomizeError } from '../errors.ts';
import { isEmpty } from '../yaml/node.ts';
import { allIds, currentId, type Resource } from './resource.ts';
import { idKey, idText, type ResourceId } from './id.ts';

/**
 * The ordered list of objects of one target. Look-ups by id go through an index that is built when first needed and thrown
 * away by whatever may change ids.
 */
export class ResourceList {
  items: Resource[] = [];
  #current: Map<string, Resource[]> | undefined;
  #any: Map<string, Resource[]> | undefined;

  /** Call after names, namespaces, kinds or the list itself may have changed. */
  invalidate(): void {
    this.#current = undefined;
    this.#any = undefined;
  }

  /** @throws {KustomizeError} when an object with an equal current id is there already (KZE-327). */
  append(resource: Resource): void {
    const id = currentId(resource);
    const key = idKey(id);
    const index = this.#byCurrent();
    if (index.has(key)) {
      const place = resource.place;
      throw new KustomizeError(`may not add resource with an already registered id: ${idText(id)}`, { ...place });
    }
    index.set(key, [resource]);
    this.items.push(resource);
    this.#any = undefined;
  }

  appendAll(resources: readonly Resource[]): void {
    for (const resource of resources) this.append(resource);
  }

  /** Objects one of whose ids equals `id`, in list order (KZE-546). */
  matchingAny(id: ResourceId): Resource[] {
    this.#any ??= indexBy(this.items, (resource) => allIds(resource).map(idKey));
    return this.#any.get(idKey(id)) ?? [];
  }

  /** Objects whose current id equals `id`. */
  matchingCurrent(id: ResourceId): Resource[] {
    return this.#byCurrent().get(idKey(id)) ?? [];
  }

  /**
   * The one object that an untargeted patch is for.
   *
   * @throws {KustomizeError} when none or several match (KZE-343, KZE-344).
   */
  theOne(id: ResourceId): Resource {
    const found = this.matchingAny(id);
    if (found.length === 1) return found[0]!;
    const reason = found.length > 1 ? 'multiple matches for Id' : 'no matches for Id';
    throw new KustomizeError(`${reason} ${idText(id)}; failed to find unique target for patch ${idText(id)}`);
  }

  /** Drops objects that became empty (KZE-503). */
  dropEmpty(): void {
    if (this.items.every((resource) => !isEmpty(resource.root))) return;
    this.items = this.items.filter((resource) => !isEmpty(resource.root));
    this.invalidate();
  }

  /** Rebuilds the list with the uniqueness check of {@link append}. */
  recheck(): void {
    const items = this.items;
    this.items = [];
    this.invalidate();
    for (const resource of items) if (!isEmpty(resource.root)) this.append(resource);
  }

  #byCurrent(): Map<string, Resource[]> {
    return (this.#current ??= indexBy(this.items, (resource) => [idKey(currentId(resource))]));
  }
}

function indexBy(resources: readonly Resource[], keysOf: (resource: Resource) => string[]): Map<string, Resource[]> {
  const index = new Map<string, Resource[]>();
  for (const resource of resources) {
    if (isEmpty(resource.root)) continue;
    for (const key of new Set(keysOf(resource))) {
      const known = index.get(key);
      if (known) known.push(resource);
      else index.set(key, [resource]);
    }
  }
  return index;
}
