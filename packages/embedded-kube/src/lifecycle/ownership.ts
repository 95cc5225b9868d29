/** Who owns whom: dependents by the UID of their owners, and where each UID is. */
import type { KubeJson } from '../object/json.ts';

export interface Reference {
  collection: string;
  key: string;
}

const idOf = ({ collection, key }: Reference) => `${collection} ${key}`;

export class Ownership {
  private readonly places = new Map<string, Reference>();
  private readonly byOwner = new Map<string, Map<string, Reference>>();
  /** Owners of each object that has any. */
  private readonly owners = new Map<string, string[]>();
  private readonly uids = new Map<string, string>();

  /** Notes an object's present state; undefined: it is gone. */
  update(reference: Reference, object: KubeJson | undefined): void {
    const id = idOf(reference);
    const owned = object?.metadata.ownerReferences?.map((owner) => owner.uid) ?? [];
    const before = this.owners.get(id);
    if (before !== undefined) {
      for (const uid of before) {
        const dependents = this.byOwner.get(uid);
        dependents?.delete(id);
        if (dependents?.size === 0) this.byOwner.delete(uid);
      }
      this.owners.delete(id);
    }
    if (owned.length > 0) {
      this.owners.set(id, owned);
      for (const uid of owned) {
        let dependents = this.byOwner.get(uid);
        if (dependents === undefined) this.byOwner.set(uid, (dependents = new Map()));
        dependents.set(id, reference);
      }
    }
    const uid = object?.metadata.uid;
    const formerUid = this.uids.get(id);
    if (formerUid !== undefined && formerUid !== uid) this.places.delete(formerUid);
    if (uid === undefined) this.uids.delete(id);
    else if (formerUid !== uid) {
      this.uids.set(id, uid);
      this.places.set(uid, reference);
    }
  }

  locate(uid: string): Reference | undefined {
    return this.places.get(uid);
  }

  hasDependents(uid: string): boolean {
    return this.byOwner.has(uid);
  }

  dependents(uid: string): Reference[] {
    return [...(this.byOwner.get(uid)?.values() ?? [])];
  }
}
