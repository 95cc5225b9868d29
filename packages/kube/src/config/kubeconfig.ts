/** The kubeconfig file format (`v1` `Config`), and how one of its contexts becomes a {@link ClientConfig}. */
import { dirname, isAbsolute, join } from 'node:path';
import { load } from 'js-yaml';
import { KubeConfigError } from '../errors.ts';
import type { AuthConfig, ClientConfig, ExecConfig, TlsConfig } from './config.ts';

/** `cluster` of a kubeconfig. */
export interface KubeConfigCluster {
  server?: string;
  'certificate-authority'?: string;
  'certificate-authority-data'?: string;
  'insecure-skip-tls-verify'?: boolean;
  'tls-server-name'?: string;
  'proxy-url'?: string;
  'disable-compression'?: boolean;
}

/** `user` of a kubeconfig. */
export interface KubeConfigUser {
  'client-certificate'?: string;
  'client-certificate-data'?: string;
  'client-key'?: string;
  'client-key-data'?: string;
  token?: string;
  tokenFile?: string;
  username?: string;
  password?: string;
  as?: string;
  'as-uid'?: string;
  'as-groups'?: string[];
  'as-user-extra'?: Record<string, string[]>;
  exec?: ExecConfig & { env?: { name: string; value: string }[] | null; args?: string[] | null };
  'auth-provider'?: { name: string; config?: Record<string, unknown> };
}

/** `context` of a kubeconfig. */
export interface KubeConfigContext {
  cluster?: string;
  user?: string;
  namespace?: string;
}

/** A kubeconfig document. */
export interface KubeConfigFile {
  apiVersion: 'v1';
  kind: 'Config';
  'current-context'?: string;
  clusters: { name: string; cluster: KubeConfigCluster }[];
  users: { name: string; user: KubeConfigUser }[];
  contexts: { name: string; context: KubeConfigContext }[];
}

/**
 * Reads a kubeconfig document.
 * @param origin names it in errors, for instance the file's path.
 * @throws KubeConfigError when it is not YAML or not a kubeconfig. The text itself is never quoted: it holds secrets.
 */
export function parseKubeConfig(text: string, origin = 'kubeconfig'): KubeConfigFile {
  let document: unknown;
  try {
    document = load(text);
  } catch (error) {
    const line = (error as { mark?: { line?: number } }).mark?.line;
    throw new KubeConfigError(`${origin} is not valid YAML${line === undefined ? '' : ` (line ${line + 1})`}`);
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw new KubeConfigError(`${origin} is not a kubeconfig: a mapping is expected`);
  }
  const { clusters, users, contexts, 'current-context': current } = document as Record<string, unknown>;
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': typeof current === 'string' ? current : undefined,
    clusters: named(clusters, 'clusters', origin).map(({ name, entry }) => ({ name, cluster: entry('cluster') })),
    users: named(users, 'users', origin).map(({ name, entry }) => ({ name, user: entry('user') })),
    contexts: named(contexts, 'contexts', origin).map(({ name, entry }) => ({ name, context: entry('context') })),
  };
}

function named(list: unknown, field: string, origin: string) {
  if (list == null) return [];
  if (!Array.isArray(list)) throw new KubeConfigError(`${origin}: ${field} must be a list`);
  return list.map((item: Record<string, unknown> | null, index) => {
    const name = item?.name;
    if (typeof name !== 'string') throw new KubeConfigError(`${origin}: ${field}[${index}] has no name`);
    const entry = <T extends object>(key: string): T => {
      const value = item?.[key] ?? {};
      if (typeof value !== 'object') throw new KubeConfigError(`${origin}: ${field}[${index}].${key} is not a mapping`);
      return value as T;
    };
    return { name, entry };
  });
}

/** Makes the file paths and relative commands of a kubeconfig absolute, taking them as relative to its own folder. */
export function resolvePaths(config: KubeConfigFile, file: string): KubeConfigFile {
  const folder = dirname(file);
  const absolute = (path?: string) => (path && !isAbsolute(path) ? join(folder, path) : path);
  return {
    ...config,
    clusters: config.clusters.map(({ name, cluster }) => ({
      name,
      cluster: { ...cluster, 'certificate-authority': absolute(cluster['certificate-authority']) },
    })),
    users: config.users.map(({ name, user }) => ({
      name,
      user: {
        ...user,
        'client-certificate': absolute(user['client-certificate']),
        'client-key': absolute(user['client-key']),
        tokenFile: absolute(user.tokenFile),
        // As a shell does: a bare name is looked up on the path, one with a slash is a file.
        ...(user.exec?.command?.includes('/') && {
          exec: { ...user.exec, command: absolute(user.exec.command) as string },
        }),
      },
    })),
  };
}

/** Several kubeconfigs as one; of equal names the first wins, as does the first current context. */
export function mergeKubeConfigs(configs: KubeConfigFile[]): KubeConfigFile {
  const firstOf = <T extends { name: string }>(items: T[]) => [
    ...new Map(items.toReversed().map((item) => [item.name, item])).values(),
  ];
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': configs.find((config) => config['current-context'])?.['current-context'],
    clusters: firstOf(configs.flatMap((config) => config.clusters)),
    users: firstOf(configs.flatMap((config) => config.users)),
    contexts: firstOf(configs.flatMap((config) => config.contexts)),
  };
}

/**
 * The connection that one context describes.
 * @param context name of the context; default the current one.
 * @throws KubeConfigError for a context, cluster or user that is not there, or a value that cannot be used.
 */
export function configOfContext(config: KubeConfigFile, context = config['current-context']): ClientConfig {
  if (!context) throw new KubeConfigError('the kubeconfig has no current context: name one');
  const chosen = config.contexts.find(({ name }) => name === context)?.context;
  if (!chosen) throw new KubeConfigError(`the kubeconfig has no context "${context}"`);
  const cluster = config.clusters.find(({ name }) => name === chosen.cluster)?.cluster;
  if (!cluster) throw new KubeConfigError(`context "${context}" names cluster "${chosen.cluster}", which is not there`);
  const user = config.users.find(({ name }) => name === chosen.user)?.user;
  if (!user && chosen.user) {
    throw new KubeConfigError(`context "${context}" names user "${chosen.user}", which is not there`);
  }
  return {
    server: serverUrl(cluster.server, chosen.cluster ?? ''),
    namespace: chosen.namespace || undefined,
    tls: tlsOf(cluster, user ?? {}),
    auth: authOf(user ?? {}),
    impersonate: user?.as
      ? { user: user.as, uid: user['as-uid'], groups: user['as-groups'], extra: user['as-user-extra'] }
      : undefined,
    proxyUrl: cluster['proxy-url'] || undefined,
    disableCompression: cluster['disable-compression'] === true,
  };
}

function serverUrl(server: string | undefined, cluster: string): string {
  const text = server && !server.includes('://') ? `https://${server}` : server;
  const url = text && URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new KubeConfigError(`cluster "${cluster}" of the kubeconfig needs a server URL with http or https`);
  }
  return url.href.replace(/\/+$/, '');
}

function tlsOf(cluster: KubeConfigCluster, user: KubeConfigUser): TlsConfig {
  const pem = (value: string | undefined, what: string) => {
    if (!value) return undefined;
    const text = Buffer.from(value, 'base64').toString('latin1');
    if (!text.includes('-----BEGIN'))
      throw new KubeConfigError(`${what} of the kubeconfig is not base64 of a PEM text`);
    return text;
  };
  const ca = pem(cluster['certificate-authority-data'], 'certificate-authority-data');
  const cert = pem(user['client-certificate-data'], 'client-certificate-data');
  const key = pem(user['client-key-data'], 'client-key-data');
  return {
    ca,
    caFile: ca ? undefined : cluster['certificate-authority'],
    cert,
    certFile: cert ? undefined : user['client-certificate'],
    key,
    keyFile: key ? undefined : user['client-key'],
    serverName: cluster['tls-server-name'] || undefined,
    insecure: cluster['insecure-skip-tls-verify'] === true,
  };
}

function authOf(user: KubeConfigUser): AuthConfig {
  const { exec } = user;
  if (exec && !exec.command) throw new KubeConfigError('exec of the kubeconfig user names no command');
  return {
    // A token file wins over a token, which is then only what the file held when the kubeconfig was written.
    token: user.tokenFile ? undefined : user.token || undefined,
    tokenFile: user.tokenFile || undefined,
    basic: user.username ? { username: user.username, password: user.password ?? '' } : undefined,
    exec: exec ? { ...exec, args: exec.args ?? undefined, env: exec.env ?? undefined } : undefined,
    provider: user['auth-provider'],
  };
}
