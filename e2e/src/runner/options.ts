/** The command line of `npm run e2e`. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { ControlPlaneKind } from '../control-planes/index.ts';

export interface RunOptions {
  kinds: ControlPlaneKind[];
  kubeconfig?: string;
  /** Names of suites to run; empty for all. */
  suites: string[];
  /** Part of the names of the cases to run. */
  match?: string;
  list: boolean;
  /** A control plane that this machine cannot run is a failure rather than a skip. */
  strict: boolean;
  /** Leave the folders of cases in place. */
  keep: boolean;
}

export const usage = `usage: npm run e2e -- [options]
  --control-plane real|embedded|both  what to run on (default: both)
  --kubeconfig FILE                   run on this cluster instead; suites create and delete objects in it
  --suite NAME                        only this suite; may be given more than once
  --case TEXT                         only cases whose name contains TEXT
  --list                              print suites and cases, and run none
  --strict                            fail when a control plane cannot run here (default when CI=true)
  --keep                              keep the temporary folders of cases
  --help`;

/** The arguments were wrong; the message says which. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** Reads the command line. Paths are relative to the folder that npm was called in. @throws UsageError */
export function parseOptions(args: string[], env: NodeJS.ProcessEnv = process.env): RunOptions | 'help' {
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        'control-plane': { type: 'string' },
        kubeconfig: { type: 'string' },
        suite: { type: 'string', multiple: true, default: [] },
        case: { type: 'string' },
        list: { type: 'boolean', default: false },
        strict: { type: 'boolean', default: env.CI === 'true' },
        keep: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }));
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
  if (values.help) return 'help';
  const { kubeconfig } = values;
  const plane = values['control-plane'];
  if (kubeconfig !== undefined && plane !== undefined) {
    throw new UsageError('--kubeconfig names the control plane already: leave --control-plane out');
  }
  return {
    kinds: kubeconfig === undefined ? kindsOf(plane ?? 'both') : ['existing'],
    kubeconfig: kubeconfig === undefined ? undefined : resolve(env.GOTK_CWD ?? '.', kubeconfig),
    suites: values.suite,
    match: values.case,
    list: values.list,
    strict: values.strict,
    keep: values.keep,
  };
}

function kindsOf(plane: string): ControlPlaneKind[] {
  if (plane === 'both') return ['embedded', 'real'];
  if (plane === 'embedded' || plane === 'real') return [plane];
  throw new UsageError(`--control-plane must be real, embedded or both, not '${plane}'`);
}
