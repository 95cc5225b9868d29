/** What the verbs work on. */
import type { Registry } from '../resource/registry.ts';
import type { Store } from '../store/store.ts';

export interface Cluster {
  store: Store;
  registry: Registry;
}

/** How a write is to be done. */
export interface WriteContext {
  dryRun: boolean;
  /** Name under which changed fields are owned. */
  manager: string;
  fieldValidation: 'Strict' | 'Warn' | 'Ignore';
  /** Filled with warnings for the client. */
  warnings: string[];
  subresource?: 'status' | 'scale';
}
