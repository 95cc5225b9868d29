/** The command line of `npm run bench`. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parseDuration } from '@gitops-toolkit/api';
import type { ControlPlaneKind } from '../control-planes/index.ts';

export interface BenchOptions {
  kustomizations: number;
  kind: ControlPlaneKind;
  kubeconfig?: string;
  /** Interval of the Kustomizations: the second pass is one of these. */
  interval: string;
  intervalMs: number;
  /** Results as JSON go here. */
  json?: string;
  /** CPU profiles of the controllers go to this directory. */
  profile?: string;
}

export const usage = `usage: npm run bench -- [options]
  --kustomizations N             how many, each of four objects (default: 100)
  --control-plane embedded|real  API server, in processes of its own (default: embedded)
  --kubeconfig FILE              use this cluster instead; a namespace of it is filled and deleted
  --interval DURATION            interval of the Kustomizations; the second pass lasts as long (default: 30s)
  --json FILE                    write the results as JSON, too
  --profile DIRECTORY            write CPU profiles of the controllers
  --help`;

/** The arguments were wrong; the message says which. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** Reads the command line. Paths are relative to the folder that npm was called in. @throws UsageError */
export function parseOptions(args: string[], env: NodeJS.ProcessEnv = process.env): BenchOptions | 'help' {
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        kustomizations: { type: 'string', default: '100' },
        'control-plane': { type: 'string' },
        kubeconfig: { type: 'string' },
        interval: { type: 'string', default: '30s' },
        json: { type: 'string' },
        profile: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }));
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
  if (values.help) return 'help';
  const { kubeconfig, interval } = values;
  const plane = values['control-plane'];
  if (kubeconfig !== undefined && plane !== undefined) {
    throw new UsageError('--kubeconfig names the control plane already: leave --control-plane out');
  }
  if (plane !== undefined && plane !== 'embedded' && plane !== 'real') {
    throw new UsageError(`--control-plane must be embedded or real, not '${plane}'`);
  }
  if (!/^[1-9]\d{0,4}$/.test(values.kustomizations)) {
    throw new UsageError(`--kustomizations must be a number from 1 to 99999, not '${values.kustomizations}'`);
  }
  const path = (name: string | undefined) => (name === undefined ? undefined : resolve(env.GOTK_CWD ?? '.', name));
  return {
    kustomizations: Number(values.kustomizations),
    kind: kubeconfig === undefined ? (plane ?? 'embedded') : 'existing',
    kubeconfig: path(kubeconfig),
    interval,
    intervalMs: durationOf(interval),
    json: path(values.json),
    profile: path(values.profile),
  };
}

function durationOf(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    throw new UsageError(`--interval: ${(error as Error).message}`, { cause: error });
  }
}
