/** What `main.ts` tells `register.ts`: Node's test runner imports the latter without arguments. */
import type { RunOptions } from './options.ts';
import type { Suite } from './suite.ts';

interface Session {
  options: RunOptions;
  suites: Suite[];
  signal: AbortSignal;
  log: (line: string) => void;
}

/** Filled in before the run starts. */
export const session = {} as Session;
