import { createHash, X509Certificate } from 'node:crypto';
import { createSecureContext, getCACertificates } from 'node:tls';
import { EnvHttpProxyAgent, ProxyAgent, Socks5ProxyAgent, type Dispatcher } from 'undici';
import { CertificateError, InvalidOptionsError } from '../errors.ts';
import { type GitRemote } from './connection.ts';

type TransportOptions = Pick<GitRemote, 'ca' | 'clientCert' | 'proxy'>;

// Connections are pooled per TLS and proxy settings. Settings that fell out of use free their sockets by themselves
// once idle, so the oldest is simply let go.
const capacity = 64;
const pools = new Map<string, Dispatcher>();

/**
 * The connection pool for TLS and proxy settings; equal settings share one.
 *
 * @throws CertificateError for an unusable client certificate, InvalidOptionsError for an unusable proxy.
 */
export function dispatcherFor(options: TransportOptions): Dispatcher {
  const { ca, clientCert, proxy } = options;
  const key = createHash('sha256')
    .update(JSON.stringify([ca, clientCert?.cert, clientCert?.key, proxy]))
    .digest('hex');
  const known = pools.get(key);
  if (known !== undefined) {
    pools.delete(key);
    pools.set(key, known);
    return known;
  }
  const pool = createDispatcher(options);
  pools.set(key, pool);
  if (pools.size > capacity) {
    const [oldest, dropped] = pools.entries().next().value!;
    pools.delete(oldest);
    // Waits for requests under way; nobody waits for it.
    dropped.close().catch(() => undefined);
  }
  return pool;
}

/** Closes every pooled connection, so that a program can end. */
export async function closeConnections(): Promise<void> {
  const all = [...pools.values()];
  pools.clear();
  await Promise.all(all.map((pool) => pool.destroy()));
}

function createDispatcher({ ca, clientCert, proxy }: TransportOptions): Dispatcher {
  const extra = ca === undefined ? [] : certificatesIn(ca);
  const tls = {
    // Said explicitly, or an environment variable could turn it off (SRC-242).
    rejectUnauthorized: true,
    ...(extra.length === 0 ? {} : { ca: [...getCACertificates('default'), ...extra] }),
    ...(clientCert === undefined ? {} : clientCert),
  };
  if (clientCert !== undefined) checkKeyPair(clientCert);
  const common = { connections: 16, keepAliveTimeout: 30_000, headersTimeout: 0, bodyTimeout: 0 };
  const connect = { timeout: 30_000, ...tls };
  if (proxy === undefined) return new EnvHttpProxyAgent({ ...common, connect, requestTls: tls });

  const url = parseProxy(proxy);
  const user = decodeURIComponent(url.username);
  const password = decodeURIComponent(url.password);
  if (url.protocol === 'socks5:') {
    return new Socks5ProxyAgent(`socks5://${url.host}`, { requestTls: tls, username: user, password });
  }
  const token = user === '' ? undefined : `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  return new ProxyAgent({ ...common, uri: `${url.protocol}//${url.host}`, token, requestTls: tls, proxyTls: tls });
}

/** The URL of a proxy. @throws InvalidOptionsError */
export function parseProxy(proxy: string): URL {
  let url: URL;
  try {
    url = new URL(proxy);
  } catch {
    throw new InvalidOptionsError('the proxy address is not a URL');
  }
  if (!['http:', 'https:', 'socks5:'].includes(url.protocol)) {
    throw new InvalidOptionsError(
      `the proxy scheme '${url.protocol.slice(0, -1)}' is not supported, use http, https or socks5`,
    );
  }
  return url;
}

/** The readable certificates of a bundle. Unreadable ones are left out, the handshake then tells (SRC-241). */
function certificatesIn(bundle: string): string[] {
  const blocks = bundle.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.filter((block) => {
    try {
      return new X509Certificate(block) !== undefined;
    } catch {
      return false;
    }
  });
}

function checkKeyPair({ cert, key }: { cert: string; key: string }): void {
  try {
    if (!cert.includes('-----BEGIN CERTIFICATE-----')) throw new Error('there is no PEM data in the certificate');
    if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(key)) throw new Error('there is no PEM data in the key');
    createSecureContext({ cert, key });
  } catch (error) {
    throw new CertificateError(`the client certificate and key are unusable: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
