/** All objects of a server, in memory, with one revision counter over all of them. */
import { type Change, Collection } from './collection.ts';

/** Events kept per collection for watches that resume; older ones are compacted. */
const historyLimit = 5000;

export class Store {
  private counter = 0;
  private readonly collections = new Map<string, Collection>();
  private readonly listeners = new Set<(collection: string, change: Change) => void>();

  /** The revision of the latest write. */
  get revision(): number {
    return this.counter;
  }

  /** Takes the next revision. */
  advance(): number {
    return ++this.counter;
  }

  /** The collection of a `group/plural`, made on first use. */
  collection(id: string): Collection {
    let collection = this.collections.get(id);
    if (collection === undefined) {
      collection = new Collection(this, historyLimit, (change) => {
        for (const listener of this.listeners) listener(id, change);
      });
      this.collections.set(id, collection);
    }
    return collection;
  }

  /** Calls `listener` after every change of any object. */
  onChange(listener: (collection: string, change: Change) => void): void {
    this.listeners.add(listener);
  }

  /** Names of the collections that exist. */
  names(): string[] {
    return [...this.collections.keys()];
  }

  /** Drops a collection with everything in it, and ends its watches. */
  drop(id: string): void {
    this.collections.get(id)?.close();
    this.collections.delete(id);
  }

  /** Forgets the history of every collection: watches from older revisions get 410 Expired, as after a compaction. */
  compact(): void {
    for (const collection of this.collections.values()) collection.compact();
  }

  close(): void {
    for (const collection of this.collections.values()) collection.close();
    this.collections.clear();
    this.listeners.clear();
  }
}
