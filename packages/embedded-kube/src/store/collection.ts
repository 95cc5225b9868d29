/** The objects of one resource, their recent history, and who watches them. */
import type { KubeJson } from '../object/json.ts';

/** An object in one version of its life. Serialised at most once. */
export class Stored {
  readonly object: KubeJson;
  readonly revision: number;
  private json: string | undefined;

  constructor(object: KubeJson, revision: number) {
    this.object = object;
    this.revision = revision;
  }

  /** JSON, with `apiVersion` replaced when the object is asked for in another version than it is stored in. */
  text(apiVersion: string): string {
    if (this.object.apiVersion !== apiVersion) return JSON.stringify({ ...this.object, apiVersion });
    return (this.json ??= JSON.stringify(this.object));
  }
}

export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED';

export interface Change {
  type: ChangeType;
  revision: number;
  key: string;
  /** The new state; for DELETED the last state, with the revision of the deletion. */
  stored: Stored;
  previous: Stored | undefined;
}

export type Watcher = (change: Change) => void;

interface Revisions {
  readonly revision: number;
  advance(): number;
}

export const keyOf = (namespace: string | undefined, name: string): string =>
  namespace ? `${namespace}/${name}` : name;

export class Collection {
  private readonly objects = new Map<string, Stored>();
  private readonly watchers = new Set<Watcher>();
  private readonly closers = new Set<() => void>();
  private sorted: string[] | undefined = [];
  private history: Change[] = [];
  /** Changes up to this revision are forgotten. */
  private compacted = 0;
  private readonly revisions: Revisions;
  private readonly historyLimit: number;
  private readonly onChange: (change: Change) => void;

  constructor(revisions: Revisions, historyLimit: number, onChange: (change: Change) => void) {
    this.onChange = onChange;
    this.revisions = revisions;
    this.historyLimit = historyLimit;
  }

  get size(): number {
    return this.objects.size;
  }

  get watching(): number {
    return this.watchers.size;
  }

  get(key: string): Stored | undefined {
    return this.objects.get(key);
  }

  values(): IterableIterator<Stored> {
    return this.objects.values();
  }

  /** Keys in order. */
  keys(): readonly string[] {
    return (this.sorted ??= [...this.objects.keys()].sort());
  }

  /** Stores an object under the next revision, which it gets as its resourceVersion. The object is the store's from now on. */
  put(key: string, object: KubeJson): Stored {
    const revision = this.revisions.advance();
    object.metadata.resourceVersion = String(revision);
    const stored = new Stored(object, revision);
    const previous = this.objects.get(key);
    this.objects.set(key, stored);
    if (previous === undefined) this.sorted = undefined;
    this.announce({ type: previous === undefined ? 'ADDED' : 'MODIFIED', revision, key, stored, previous });
    return stored;
  }

  /** Removes an object; its last state carries the revision of the deletion. */
  remove(key: string): Stored | undefined {
    const previous = this.objects.get(key);
    if (previous === undefined) return undefined;
    const revision = this.revisions.advance();
    const { object } = previous;
    const stored = new Stored(
      { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } },
      revision,
    );
    this.objects.delete(key);
    this.sorted = undefined;
    this.announce({ type: 'DELETED', revision, key, stored, previous });
    return stored;
  }

  private announce(change: Change): void {
    this.history.push(change);
    // Trimming in big steps keeps the cost per change constant.
    if (this.history.length > this.historyLimit * 1.5) this.trim(this.history.length - this.historyLimit);
    for (const watcher of this.watchers) watcher(change);
    this.onChange(change);
  }

  private trim(count: number): void {
    this.compacted = this.history[count - 1]?.revision ?? this.compacted;
    this.history = this.history.slice(count);
  }

  compact(): void {
    this.trim(this.history.length);
    this.compacted = this.revisions.revision;
  }

  /** Changes after a revision in order, or undefined when some of them are forgotten. */
  since(revision: number): Change[] | undefined {
    if (revision < this.compacted) return undefined;
    let start = this.history.length;
    while (start > 0 && this.history[start - 1]!.revision > revision) start--;
    return this.history.slice(start);
  }

  get oldestRevision(): number {
    return this.compacted;
  }

  /** What the collection held at an earlier revision, or undefined when that is forgotten. */
  snapshot(revision: number): ReadonlyMap<string, Stored> | undefined {
    const changes = this.since(revision);
    if (changes === undefined) return undefined;
    if (changes.length === 0) return this.objects;
    const objects = new Map(this.objects);
    for (let i = changes.length - 1; i >= 0; i--) {
      const { key, previous } = changes[i]!;
      if (previous === undefined) objects.delete(key);
      else objects.set(key, previous);
    }
    return objects;
  }

  /** Calls `watcher` for every later change; `onClose` when the collection ends. */
  watch(watcher: Watcher, onClose: () => void): () => void {
    this.watchers.add(watcher);
    this.closers.add(onClose);
    return () => {
      this.watchers.delete(watcher);
      this.closers.delete(onClose);
    };
  }

  close(): void {
    const closers = [...this.closers];
    this.watchers.clear();
    this.closers.clear();
    for (const close of closers) close();
  }
}
