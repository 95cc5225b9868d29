/** Kubeconfigs that other people wrote: what of them may be followed (RTM-281, RTM-282; KUS-346). */
import type { ClientConfig } from './config.ts';
import { configOfContext, parseKubeConfig, type KubeConfigFile } from './kubeconfig.ts';

/** Deadline of one request to a remote cluster (RTM-283). */
const remoteTimeoutMs = 30_000;

/** What the operator of the controller allows on top. */
export interface SanitizeOptions {
  /** Keep `exec`: a program run by the controller, with the controller's rights (`--insecure-kubeconfig-exec`). */
  allowExec?: boolean;
  /** Keep `insecure-skip-tls-verify` (`--insecure-kubeconfig-tls`). */
  allowInsecureTls?: boolean;
  /** Names the text in errors, for instance the Secret it came from. */
  origin?: string;
}

/**
 * Reads a kubeconfig that is not trusted. Only what cannot reach the controller's own files, environment or identity
 * is kept: server, TLS server name, inline CA and client certificate, basic user, bearer token, proxy and compression
 * flag. The rest is left out silently, so that the connection fails for want of it.
 * @returns a kubeconfig document; {@link sanitizedConfig} goes on to a connection.
 * @throws KubeConfigError when the text is not a kubeconfig.
 */
export function sanitizeKubeconfig(text: string, options: SanitizeOptions = {}): KubeConfigFile {
  const config = parseKubeConfig(text, options.origin);
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': config['current-context'],
    contexts: config.contexts.map(({ name, context }) => ({
      name,
      context: pick(context, ['cluster', 'user', 'namespace']),
    })),
    clusters: config.clusters.map(({ name, cluster }) => ({
      name,
      cluster: {
        ...pick(cluster, [
          'server',
          'certificate-authority-data',
          'tls-server-name',
          'proxy-url',
          'disable-compression',
        ]),
        ...(options.allowInsecureTls && pick(cluster, ['insecure-skip-tls-verify'])),
      },
    })),
    users: config.users.map(({ name, user }) => ({
      name,
      user: {
        ...pick(user, ['client-certificate-data', 'client-key-data', 'token', 'username', 'password']),
        ...(options.allowExec && pick(user, ['exec'])),
      },
    })),
  };
}

/**
 * The connection that an untrusted kubeconfig describes. The controller's proxy variables apply where it names no
 * proxy, as for every other request of the controller.
 * @param text undefined yields undefined (RTM-537).
 * @throws KubeConfigError when it cannot be used.
 */
export function sanitizedConfig(text: string, options?: SanitizeOptions): ClientConfig;
export function sanitizedConfig(text: string | undefined, options?: SanitizeOptions): ClientConfig | undefined;
export function sanitizedConfig(text: string | undefined, options: SanitizeOptions = {}): ClientConfig | undefined {
  if (text === undefined) return undefined;
  return { ...configOfContext(sanitizeKubeconfig(text, options)), timeoutMs: remoteTimeoutMs };
}

function pick<T extends object, K extends keyof T>(from: T, keys: K[]): Pick<T, K> {
  return Object.fromEntries(keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]])) as Pick<T, K>;
}
