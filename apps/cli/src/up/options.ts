import { parseArgs } from 'node:util';
import { parseDuration } from '@gitops-toolkit/api';
import { UsageError } from '../usage.ts';

/** What `gotk up` was asked to do. */
export interface UpOptions {
  /** Exit as soon as everything is Ready (0) or `timeoutMs` has passed (1). */
  once: boolean;
  timeoutMs: number;
  /** A Git URL, or a directory; absent: the sample repository. */
  repo?: string;
  branch?: string;
  /** Directory in the repository that the root Kustomization applies. */
  path?: string;
  /** Kubeconfig of a cluster to use; absent: the embedded API server. */
  kubeconfig?: string;
  context?: string;
  /** Name of the GitRepository and of the root Kustomization. */
  name: string;
  namespace: string;
  /** Interval of both objects, as the API takes it. */
  interval: string;
  /** Where the kubeconfig of the embedded API server is written; absent: in the scratch directory. */
  writeKubeconfig?: string;
  /** Log level of the controllers; their logs go to files. */
  logLevel: string;
}

export const usage = `Usage: gotk up [OPTIONS]

Starts an API server inside this process (or takes yours), installs the custom resources, starts the source and
kustomize controllers as processes of their own, serves a Git repository, and shows how it becomes cluster state.

  --once                  exit 0 when everything is Ready, 1 at the timeout with what is not Ready and why
  --timeout DURATION      with --once: how long to wait (default 5m)
  --repo URL|DIR          repository to apply (default: the sample repository); a directory that is a Git work tree
                          is served as it is, so a commit made there is picked up
  --branch NAME           branch (default: the branch the directory is on, or the remote's default branch)
  --path PATH             directory in the repository (default: ./, for the sample ./clusters/local)
  --kubeconfig FILE       use this cluster instead of the embedded API server; what was created is removed at the end
  --context NAME          context of that kubeconfig
  --write-kubeconfig FILE where to write the kubeconfig of the embedded API server
  --name NAME             name of the GitRepository and the Kustomization (default: sample, or the repository's name)
  --namespace NAME        their namespace (default flux-system)
  --interval DURATION     their interval (default 30s)
  --log-level LEVEL       log level of the controllers (default info); logs are files in the scratch directory`;

/** Reads the command line; undefined when help was asked for. Throws `UsageError`. */
export function parseUpOptions(args: string[]): UpOptions | undefined {
  const { values } = parse(args);
  if (values.help) return undefined;
  const interval = values.interval ?? '30s';
  duration('--interval', interval);
  return {
    once: values.once ?? false,
    timeoutMs: duration('--timeout', values.timeout ?? '5m'),
    repo: values.repo,
    branch: values.branch,
    path: values.path,
    kubeconfig: values.kubeconfig,
    context: values.context,
    writeKubeconfig: values['write-kubeconfig'],
    name: values.name ?? nameFor(values.repo),
    namespace: values.namespace ?? 'flux-system',
    interval,
    logLevel: values['log-level'] ?? 'info',
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        help: { type: 'boolean', short: 'h' },
        once: { type: 'boolean' },
        timeout: { type: 'string' },
        repo: { type: 'string' },
        branch: { type: 'string' },
        path: { type: 'string' },
        kubeconfig: { type: 'string' },
        context: { type: 'string' },
        'write-kubeconfig': { type: 'string' },
        name: { type: 'string' },
        namespace: { type: 'string' },
        interval: { type: 'string' },
        'log-level': { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${usage}`, { cause: error });
  }
}

function duration(flag: string, text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    throw new UsageError(`${flag}: ${(error as Error).message}`, { cause: error });
  }
}

/** A valid object name out of the last part of a URL or path. */
function nameFor(repo: string | undefined): string {
  if (repo === undefined) return 'sample';
  const last = repo.replace(/\/+$/, '').split('/').pop() ?? '';
  const name = last
    .replace(/\.git$/, '')
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63);
  return name === '' || name === '.' ? 'repository' : name;
}
