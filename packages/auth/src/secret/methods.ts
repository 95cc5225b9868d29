import { basicAuthFrom, bearerFrom, tokenFrom, type BasicAuth } from './basic.ts';
import { githubAppFrom, type GitHubApp } from './github-app.ts';
import { SecretKeyError, secretText, type Secret } from './secret.ts';
import { sshFrom, type SshAuth } from './ssh.ts';
import { IncompleteTlsError, tlsFrom, type TlsMaterial } from './tls.ts';

/** Every way to authenticate that a Secret offers. */
export interface AuthMethods {
  basic?: BasicAuth;
  bearerToken?: string;
  token?: string;
  ssh?: SshAuth;
  githubApp?: GitHubApp;
  tls?: TlsMaterial;
}

/**
 * All authentication methods of a Secret (RTM-297). A method with a required key missing is left out; malformed basic
 * auth, TLS that does not parse, and a GitHub App with both or neither of its installation keys are errors, even beside
 * a method that is in order. A `password` without `username` beside an SSH `identity` is the passphrase of the key.
 *
 * @throws SecretFormatError
 */
export function authMethodsFrom(secret: Secret): AuthMethods {
  const isPassphrase = secretText(secret, 'identity') !== undefined && secretText(secret, 'username') === undefined;
  const methods: AuthMethods = {
    basic: isPassphrase ? undefined : ifPresent(() => basicAuthFrom(secret)),
    bearerToken: ifPresent(() => bearerFrom(secret)),
    token: ifPresent(() => tokenFrom(secret)),
    ssh: ifPresent(() => sshFrom(secret)),
    githubApp: ifPresent(() => githubAppFrom(secret)),
    tls: ifPresent(() => tlsFrom(secret)),
  };
  return Object.fromEntries(Object.entries(methods).filter(([, method]) => method !== undefined));
}

function ifPresent<R>(read: () => R): R | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof SecretKeyError || error instanceof IncompleteTlsError) return undefined;
    throw error;
  }
}
