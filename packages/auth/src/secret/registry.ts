import { secretName, secretText, SecretFormatError, SecretKeyError, type Secret } from './secret.ts';

/** Credentials of one registry host. */
export interface RegistryAuth {
  username?: string;
  password?: string;
  /** A refresh token that takes the place of a password. */
  identityToken?: string;
  registryToken?: string;
}

const key = '.dockerconfigjson';

/**
 * The credentials of a `kubernetes.io/dockerconfigjson` Secret, by the host as written in it (RTM-294).
 *
 * @throws SecretKeyError no `.dockerconfigjson`
 * @throws SecretFormatError another type of Secret, or no such JSON
 */
export function registryAuthsFrom(secret: Secret): Map<string, RegistryAuth> {
  const where = `secret '${secretName(secret)}'`;
  if (secret.type !== undefined && secret.type !== 'kubernetes.io/dockerconfigjson')
    throw new SecretFormatError(`${where} must be of type kubernetes.io/dockerconfigjson, not ${secret.type}`);
  const text = secretText(secret, key);
  if (text === undefined) throw new SecretKeyError(secret, key);
  const auths = parseAuths(text);
  if (!auths) throw new SecretFormatError(`${where}: '${key}' is not a Docker configuration in JSON`);
  return new Map(Object.entries(auths).map(([host, entry]) => [host, registryAuth(entry)]));
}

interface DockerAuth {
  username?: string;
  password?: string;
  auth?: string;
  identitytoken?: string;
  registrytoken?: string;
}

function parseAuths(text: string): Record<string, DockerAuth> | undefined {
  try {
    const { auths } = JSON.parse(text) as { auths?: Record<string, DockerAuth> };
    return typeof auths === 'object' && auths !== null ? auths : undefined;
  } catch {
    // The parser's message quotes the text, which is secret.
    return undefined;
  }
}

function registryAuth(entry: DockerAuth): RegistryAuth {
  const decoded = entry.auth ? Buffer.from(entry.auth, 'base64').toString('utf8') : undefined;
  const colon = decoded?.indexOf(':') ?? -1;
  return {
    username: entry.username || (colon < 0 ? undefined : decoded!.slice(0, colon)),
    password: entry.password || (colon < 0 ? undefined : decoded!.slice(colon + 1).replace(/\0+$/, '')),
    identityToken: entry.identitytoken,
    registryToken: entry.registrytoken,
  };
}
