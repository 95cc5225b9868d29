/**
 * What the control plane does by itself once objects are marked for deletion or lose their owners: empties namespaces,
 * removes the objects of a deleted CRD, and collects garbage. Reacts to changes of the store, one step per turn of the
 * event loop.
 */
import { schema } from '@gitops-toolkit/api';
import { crdCollection } from '../custom/definitions.ts';
import type { CrdSpec } from '../custom/resources.ts';
import type { KubeJson } from '../object/json.ts';
import type { Change } from '../store/collection.ts';
import type { Cluster } from '../verbs/cluster.ts';
import { customResourceFinalizer, foregroundFinalizer, orphanFinalizer, removeStored } from '../verbs/delete.ts';
import { Ownership, type Reference } from './ownership.ts';

const namespaces = '/namespaces';

export class Lifecycle {
  private readonly cluster: Cluster;
  private readonly owners: Ownership;
  private readonly work = new Map<string, () => void>();
  private scheduled = false;
  private closed = false;

  constructor(cluster: Cluster) {
    this.cluster = cluster;
    this.owners = new Ownership();
    cluster.store.onChange((collection, change) => this.react(collection, change));
  }

  close(): void {
    this.closed = true;
    this.work.clear();
  }

  private react(collection: string, change: Change): void {
    const object = change.stored.object;
    const reference: Reference = { collection, key: change.key };
    this.owners.update(reference, change.type === 'DELETED' ? undefined : object);
    const { namespace, uid, deletionTimestamp } = object.metadata;
    if (change.type === 'DELETED') {
      if (uid && this.owners.hasDependents(uid)) this.plan(`orphans ${uid}`, () => this.collectDependents(uid));
      this.wakeOwners(object);
      if (namespace) this.planNamespace(namespace);
      const crd = this.crdOf(collection);
      if (crd) this.planCrd(crd);
      return;
    }
    if (change.type === 'ADDED' && object.metadata.ownerReferences?.length) {
      this.plan(`owners ${collection} ${change.key}`, () => this.checkOwners(reference));
    }
    if (deletionTimestamp === undefined) return;
    if (collection === namespaces) this.planNamespace(change.key);
    else if (collection === crdCollection) this.planCrd(change.key);
    const finalizers = object.metadata.finalizers ?? [];
    if (finalizers.includes(orphanFinalizer)) this.plan(`orphan ${uid}`, () => this.orphanDependents(reference));
    if (finalizers.includes(foregroundFinalizer))
      this.plan(`foreground ${uid}`, () => this.deleteForeground(reference));
  }

  /** Runs `step` in a later turn, once however often it is planned until then. */
  private plan(id: string, step: () => void): void {
    this.work.set(id, step);
    if (this.scheduled || this.closed) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      const steps = [...this.work.values()];
      this.work.clear();
      if (!this.closed) for (const step of steps) step();
    });
  }

  private planNamespace(name: string): void {
    const stored = this.cluster.store.collection(namespaces).get(name);
    if (stored?.object.metadata.deletionTimestamp === undefined) return;
    this.plan(`namespace ${name}`, () => this.emptyNamespace(name));
  }

  private emptyNamespace(name: string): void {
    const { store, registry } = this.cluster;
    const stored = store.collection(namespaces).get(name);
    if (stored === undefined || stored.object.metadata.deletionTimestamp === undefined) return;
    let left = 0;
    for (const resource of registry.collections()) {
      if (!resource.namespaced) continue;
      const collection = store.collection(resource.collection);
      for (const key of [...collection.keys()]) {
        if (!key.startsWith(`${name}/`)) continue;
        const live = collection.get(key)!;
        if (live.object.metadata.deletionTimestamp === undefined) {
          removeStored(resource, collection, key, live, {
            dryRun: false,
            propagationPolicy: 'Background',
          });
        }
        if (collection.get(key) !== undefined) left++;
      }
    }
    if (left > 0) return;
    const object = stored.object;
    if (object.metadata.finalizers?.length) {
      const spec = { ...(object.spec as object), finalizers: [] };
      if (!schema.jsonEqual(spec, object.spec))
        store.collection(namespaces).put(name, { ...object, metadata: { ...object.metadata }, spec });
      return;
    }
    store.collection(namespaces).remove(name);
  }

  private crdOf(collection: string): string | undefined {
    const slash = collection.indexOf('/');
    const name = `${collection.slice(slash + 1)}.${collection.slice(0, slash)}`;
    return this.cluster.store.collection(crdCollection).get(name) === undefined ? undefined : name;
  }

  private planCrd(name: string): void {
    const stored = this.cluster.store.collection(crdCollection).get(name);
    if (stored?.object.metadata.deletionTimestamp === undefined) return;
    this.plan(`crd ${name}`, () => this.emptyCrd(name));
  }

  /** Deletes the objects of a CRD that is being deleted, then lets it go. */
  private emptyCrd(name: string): void {
    const { store, registry } = this.cluster;
    const crds = store.collection(crdCollection);
    const crd = crds.get(name)?.object;
    if (crd === undefined || crd.metadata.deletionTimestamp === undefined) return;
    const spec = crd.spec as unknown as CrdSpec;
    const resource = registry
      .all()
      .find((candidate) => candidate.group === spec.group && candidate.plural === spec.names.plural);
    if (resource !== undefined) {
      const collection = store.collection(resource.collection);
      for (const key of [...collection.keys()]) {
        const live = collection.get(key);
        if (live !== undefined && live.object.metadata.deletionTimestamp === undefined) {
          removeStored(resource, collection, key, live, { dryRun: false });
        }
      }
      if (collection.size > 0) return;
    }
    this.dropFinalizer({ collection: crdCollection, key: name }, customResourceFinalizer);
  }

  private wakeOwners(object: KubeJson): void {
    for (const owner of object.metadata.ownerReferences ?? []) {
      const reference = this.owners.locate(owner.uid);
      const live = reference && this.live(reference);
      if (reference && live?.metadata.finalizers?.includes(foregroundFinalizer)) {
        this.plan(`foreground ${owner.uid}`, () => this.deleteForeground(reference));
      }
    }
  }

  private live(reference: Reference): KubeJson | undefined {
    return this.cluster.store.collection(reference.collection).get(reference.key)?.object;
  }

  /** An object none of whose owners exists goes; one that lost some of them forgets those. */
  private checkOwners(reference: Reference): void {
    const object = this.live(reference);
    const references = object?.metadata.ownerReferences ?? [];
    if (object === undefined || references.length === 0) return;
    const present = references.filter((owner) => this.owners.locate(owner.uid) !== undefined);
    if (present.length === references.length) return;
    if (present.length === 0) this.delete(reference);
    else this.put(reference, { ...object, metadata: { ...object.metadata, ownerReferences: present } });
  }

  private collectDependents(uid: string): void {
    for (const dependent of this.owners.dependents(uid)) this.checkOwners(dependent);
  }

  private orphanDependents(reference: Reference): void {
    const owner = this.live(reference);
    if (owner === undefined) return;
    for (const dependent of this.owners.dependents(owner.metadata.uid!)) {
      const object = this.live(dependent);
      if (object === undefined) continue;
      const rest = object.metadata.ownerReferences!.filter((entry) => entry.uid !== owner.metadata.uid);
      const metadata = { ...object.metadata, ownerReferences: rest };
      if (rest.length === 0) delete (metadata as Partial<typeof metadata>).ownerReferences;
      this.put(dependent, { ...object, metadata });
    }
    this.dropFinalizer(reference, orphanFinalizer);
  }

  /** Deletes dependents; the owner goes when those that block it are gone. */
  private deleteForeground(reference: Reference): void {
    const owner = this.live(reference);
    if (owner === undefined) return;
    let blocked = false;
    for (const dependent of this.owners.dependents(owner.metadata.uid!)) {
      const object = this.live(dependent);
      if (object === undefined) continue;
      const references = object.metadata.ownerReferences!;
      const others = references.filter(
        (entry) => entry.uid !== owner.metadata.uid && this.owners.locate(entry.uid) !== undefined,
      );
      if (others.length > 0)
        this.put(dependent, { ...object, metadata: { ...object.metadata, ownerReferences: others } });
      else {
        if (object.metadata.deletionTimestamp === undefined) this.delete(dependent, 'Foreground');
        const blocks = references.some((entry) => entry.uid === owner.metadata.uid && entry.blockOwnerDeletion);
        if (blocks && this.live(dependent) !== undefined) blocked = true;
      }
    }
    if (!blocked) this.dropFinalizer(reference, foregroundFinalizer);
  }

  private delete(reference: Reference, propagationPolicy: 'Background' | 'Foreground' = 'Background'): void {
    const resource = this.cluster.registry
      .collections()
      .find((candidate) => candidate.collection === reference.collection);
    const collection = this.cluster.store.collection(reference.collection);
    const live = collection.get(reference.key);
    if (resource === undefined || live === undefined || live.object.metadata.deletionTimestamp !== undefined) return;
    // Without dependents there is nothing to wait for in the foreground.
    const policy = this.owners.hasDependents(live.object.metadata.uid!) ? propagationPolicy : 'Background';
    removeStored(resource, collection, reference.key, live, { dryRun: false, propagationPolicy: policy });
  }

  private put(reference: Reference, object: KubeJson): void {
    this.cluster.store.collection(reference.collection).put(reference.key, object);
  }

  private dropFinalizer(reference: Reference, finalizer: string): void {
    const object = this.live(reference);
    if (object === undefined) return;
    const finalizers = (object.metadata.finalizers ?? []).filter((name) => name !== finalizer);
    const next: KubeJson = { ...object, metadata: { ...object.metadata, finalizers } };
    if (finalizers.length === 0) delete next.metadata.finalizers;
    const collection = this.cluster.store.collection(reference.collection);
    if (finalizers.length === 0 && reference.collection !== namespaces) collection.remove(reference.key);
    else collection.put(reference.key, next);
  }
}
