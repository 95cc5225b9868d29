/**
 * What is known of an object after it was applied or found in sync. It may be trusted as long as the desired form and
 * the live object are the same, and no longer than the cache's maximum age: defaults and admission webhooks of the API
 * server may change without a trace in either.
 */
export interface AppliedRecord {
  /** Digest of the desired object and of the options it was applied with. */
  desired: string;
  resourceVersion: string;
  uid: string;
  /** Who owned which fields, see `ownershipDigest`; absent when that tells nothing, and only the version counts. */
  ownership?: string;
  /** The version at which the object was found Current, and the digest of the health rules that said so. */
  current?: { resourceVersion: string; rules: string };
  /** When the API server last said so, in milliseconds since 1970. */
  checkedAt: number;
}

export interface AppliedCacheOptions {
  /** Objects remembered; those not used for longest are forgotten first. Default 100,000. */
  maxSize?: number;
  /** After this many milliseconds an object is compared by dry run again; default one hour. */
  maxAgeMs?: number;
  now?: () => number;
}

/**
 * Remembers applied objects, so that one that has not changed on either side is not sent again. Losing it costs
 * requests and nothing else.
 */
export interface AppliedCache {
  /** A record that is too old counts as absent. */
  get(key: string): AppliedRecord | undefined;
  set(key: string, record: Omit<AppliedRecord, 'checkedAt'>): void;
  /** Changes a record without making it younger. */
  amend(key: string, change: Partial<Omit<AppliedRecord, 'checkedAt'>>): void;
  delete(key: string): void;
  readonly size: number;
}

export function createAppliedCache(options: AppliedCacheOptions = {}): AppliedCache {
  const { maxSize = 100_000, maxAgeMs = 3_600_000, now = Date.now } = options;
  const records = new Map<string, AppliedRecord>();
  return {
    get(key) {
      const record = records.get(key);
      if (!record) return undefined;
      records.delete(key);
      if (now() - record.checkedAt > maxAgeMs) return undefined;
      records.set(key, record);
      return record;
    },
    set(key, record) {
      records.delete(key);
      records.set(key, { ...record, checkedAt: now() });
      if (records.size > maxSize) records.delete(records.keys().next().value!);
    },
    amend(key, change) {
      const record = records.get(key);
      if (record) records.set(key, { ...record, ...change });
    },
    delete: (key) => void records.delete(key),
    get size() {
      return records.size;
    },
  };
}
