/** Every topic of the suite, in the order in which they run. */
import { applying } from './apply.ts';
import { crds } from './crd.ts';
import { crud } from './crud.ts';
import { defaulting } from './defaulting.ts';
import { deletion, namespaces } from './deletion.ts';
import { discovery } from './discovery.ts';
import { errors } from './errors.ts';
import { listwatch } from './listwatch.ts';
import { immutable, naming } from './naming.ts';
import { options } from './options.ts';
import { patching } from './patch.ts';
import type { Topic } from './script.ts';
import { selecting } from './selecting.ts';
import { subresources } from './subresources.ts';
import { tables } from './tables.ts';
import { validation } from './validation.ts';

export const topics: Record<string, Topic> = {
  discovery,
  crud,
  naming,
  immutable,
  validation,
  defaulting,
  apply: applying,
  patch: patching,
  options,
  'list-watch': listwatch,
  selecting,
  tables,
  subresources,
  deletion,
  namespaces,
  crd: crds,
  errors,
};
