/** Every topic of the suite, in the order in which they run. */
import { applying } from './apply.ts';
import { crud } from './crud.ts';
import { patching } from './patch.ts';
import type { Topic } from './script.ts';

export const topics: Record<string, Topic> = { crud, apply: applying, patch: patching };
