import { requireText, secretName, secretText, SecretFormatError, type Secret } from './secret.ts';

const schemes = ['http', 'https', 'socks5'];
const maxLength = 2048;

/**
 * `address` with `username` and `password` as userinfo, as a URL; `username` alone is allowed, a password alone is
 * ignored (RTM-291).
 *
 * @throws SecretKeyError no `address`
 * @throws SecretFormatError empty, too long, no URL, or another scheme than http, https or socks5
 */
export function proxyFrom(secret: Secret): URL {
  const where = `secret '${secretName(secret)}'`;
  const address = requireText(secret, 'address');
  if (address === '') throw new SecretFormatError(`${where}: the proxy 'address' is empty`);
  if (address.length > maxLength)
    throw new SecretFormatError(`${where}: the proxy 'address' is longer than ${maxLength} characters`);
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(address)?.[1]?.toLowerCase();
  if (scheme === undefined || !schemes.includes(scheme))
    throw new SecretFormatError(
      `${where}: the proxy 'address' must start with one of ${schemes.join('://, ')}://` +
        (scheme === undefined ? ', but has no scheme' : `, not ${scheme}://`),
    );
  if (!URL.canParse(address)) throw new SecretFormatError(`${where}: the proxy 'address' is not a URL`);
  const url = new URL(address);
  const username = secretText(secret, 'username');
  const password = secretText(secret, 'password');
  if (username) {
    url.username = encodeURIComponent(username);
    url.password = encodeURIComponent(password ?? '');
  }
  return url;
}
