import { requireText, secretText, type Secret } from './secret.ts';

export interface SshAuth {
  /** Private key, PEM or OpenSSH. */
  identity: string;
  knownHosts: string;
  publicKey?: string;
  /** Passphrase of the private key. */
  password?: string;
}

/** `identity` and `known_hosts`, optionally `identity.pub` and `password` (RTM-292). @throws SecretKeyError */
export function sshFrom(secret: Secret): SshAuth {
  const identity = requireText(secret, 'identity');
  const knownHosts = requireText(secret, 'known_hosts');
  const publicKey = secretText(secret, 'identity.pub');
  const password = secretText(secret, 'password');
  return {
    identity,
    knownHosts,
    ...(publicKey === undefined ? {} : { publicKey }),
    ...(password === undefined ? {} : { password }),
  };
}
