import { requireText, secretName, secretText, SecretFormatError, type Secret } from './secret.ts';

export interface BasicAuth {
  username: string;
  password: string;
}

/**
 * `username` and `password`; either may be empty (RTM-288).
 *
 * @throws SecretKeyError both are absent
 * @throws SecretFormatError one is absent
 */
export function basicAuthFrom(secret: Secret): BasicAuth {
  const username = secretText(secret, 'username');
  const password = secretText(secret, 'password');
  if (username !== undefined && password !== undefined) return { username, password };
  const present = username !== undefined ? 'username' : password !== undefined ? 'password' : undefined;
  if (!present) return { username: requireText(secret, 'username'), password: requireText(secret, 'password') };
  const missing = present === 'username' ? 'password' : 'username';
  throw new SecretFormatError(
    `secret '${secretName(secret)}': malformed basic auth: has '${present}' but is missing '${missing}'`,
  );
}

/** `bearerToken`; may be empty (RTM-289). @throws SecretKeyError */
export function bearerFrom(secret: Secret): string {
  return requireText(secret, 'bearerToken');
}

/** `token`, of APIs; may be empty (RTM-290). @throws SecretKeyError */
export function tokenFrom(secret: Secret): string {
  return requireText(secret, 'token');
}
