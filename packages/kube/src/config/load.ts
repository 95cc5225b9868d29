/** Where the connection comes from: named files, the usual places, or the pod's ServiceAccount. */
import { access, readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { KubeConfigError } from '../errors.ts';
import type { ClientConfig } from './config.ts';
import { configOfContext, mergeKubeConfigs, parseKubeConfig, resolvePaths } from './kubeconfig.ts';

/** Where a pod finds its own credentials. */
const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** What {@link loadConfig} takes besides settings of the client itself. */
export interface LoadOptions extends Partial<Omit<ClientConfig, 'server'>> {
  /** Path of a kubeconfig. Default: `KUBECONFIG`, then the pod's ServiceAccount, then `~/.kube/config`. */
  kubeconfig?: string;
  /** Context to use; default the current one. */
  context?: string;
  /** True: only the pod's ServiceAccount. False: never. */
  inCluster?: boolean;
  /** Overrides the URL of the server. */
  server?: string;
  /** Environment to read; default that of the process. */
  env?: Record<string, string | undefined>;
  /** Folder of the pod's credentials; for tests. */
  serviceAccountFolder?: string;
}

/**
 * Finds out how to reach the API server. Settings given here win over those of the kubeconfig.
 * @throws KubeConfigError when there is nothing to connect to, or it cannot be used.
 */
export async function loadConfig(options: LoadOptions = {}): Promise<ClientConfig> {
  const { kubeconfig, context, inCluster, env = process.env, serviceAccountFolder: folder, ...overrides } = options;
  const found = await find({ kubeconfig, context, inCluster, env, folder: folder ?? serviceAccountFolder });
  const given = Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined));
  return { ...found, ...given };
}

interface Search {
  kubeconfig?: string;
  context?: string;
  inCluster?: boolean;
  env: Record<string, string | undefined>;
  folder: string;
}

async function find({ kubeconfig, context, inCluster, env, folder }: Search): Promise<ClientConfig> {
  if (inCluster) return inClusterConfig(env, folder);
  if (kubeconfig) return fromFiles([kubeconfig], context);
  const listed = (env.KUBECONFIG ?? '').split(delimiter).filter(Boolean);
  if (listed.length > 0) {
    const present = await existing(listed);
    if (present.length === 0) throw new KubeConfigError(`KUBECONFIG names no file that exists: ${listed.join(', ')}`);
    return fromFiles(present, context);
  }
  if (inCluster === undefined && env.KUBERNETES_SERVICE_HOST && (await existing([join(folder, 'token')])).length > 0) {
    return inClusterConfig(env, folder);
  }
  const usual = join(env.HOME || homedir(), '.kube', 'config');
  if ((await existing([usual])).length > 0) return fromFiles([usual], context);
  throw new KubeConfigError(`no API server to connect to: give a kubeconfig, set KUBECONFIG, or create ${usual}`);
}

async function existing(files: string[]): Promise<string[]> {
  const present = await Promise.all(
    files.map((file) =>
      access(file).then(
        () => true,
        () => false,
      ),
    ),
  );
  return files.filter((_, index) => present[index]);
}

async function fromFiles(files: string[], context?: string): Promise<ClientConfig> {
  const configs = await Promise.all(
    files.map(async (file) => {
      let text: string;
      try {
        text = await readFile(file, 'utf8');
      } catch (cause) {
        throw new KubeConfigError(`cannot read kubeconfig ${file}: ${(cause as Error).message}`, { cause });
      }
      return resolvePaths(parseKubeConfig(text, file), resolve(file));
    }),
  );
  return configOfContext(mergeKubeConfigs(configs), context);
}

/**
 * The connection of a program that runs in a pod: the token is read again as the kubelet renews it.
 * @throws KubeConfigError outside of a cluster.
 */
export async function inClusterConfig(
  env: Record<string, string | undefined> = process.env,
  folder = serviceAccountFolder,
): Promise<ClientConfig> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  if (!host || !port) {
    throw new KubeConfigError('not in a cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set');
  }
  const read = async (name: string) => readFile(join(folder, name), 'utf8');
  try {
    const [, namespace] = await Promise.all([read('token'), read('namespace').catch(() => undefined)]);
    return {
      server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
      namespace: namespace?.trim() || undefined,
      tls: { caFile: join(folder, 'ca.crt') },
      auth: { tokenFile: join(folder, 'token') },
    };
  } catch (cause) {
    throw new KubeConfigError(`not in a cluster: cannot read the ServiceAccount token in ${folder}`, { cause });
  }
}
