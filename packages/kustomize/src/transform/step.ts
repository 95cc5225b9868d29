import { type ResourceList } from '../resource/list.ts';

/** One transformer, configured and ready to run over all objects accumulated so far (KZE-502). */
export interface Step {
  /** Name of the builtin, for messages and records (KZE-305, KZE-914). */
  kind: string;
  run(list: ResourceList): void;
}
