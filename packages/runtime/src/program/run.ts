import type { FlagSet } from '../flags/flag.ts';
import type { ProgramDefinition } from './definition.ts';

export declare function runController<F extends FlagSet>(program: ProgramDefinition<F>): Promise<never>;
