/** Every topic of the suite, in the order in which they run. */
import { applying } from './apply.ts';
import { crud } from './crud.ts';
import { defaulting } from './defaulting.ts';
import { listwatch } from './listwatch.ts';
import { patching } from './patch.ts';
import type { Topic } from './script.ts';
import { validation } from './validation.ts';

export const topics: Record<string, Topic> = {
  crud,
  apply: applying,
  patch: patching,
  validation,
  defaulting,
  'list-watch': listwatch,
};
