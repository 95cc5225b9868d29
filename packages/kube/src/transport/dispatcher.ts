/** Connections: two pools for each server, one of bounded size for requests and one for watches, which stay open. */
import { readFileSync, statSync } from 'node:fs';
import { Pool, ProxyAgent, type Dispatcher } from 'undici';
import type { ClientConfig, TlsConfig } from '../config/config.ts';
import { proxyForUrl } from '../config/proxy.ts';
import type { Credentials } from '../credentials/credentials.ts';
import { KubeConfigError } from '../errors.ts';

/** Pools of one identity. */
export interface Dispatchers {
  requests: Dispatcher;
  watches: Dispatcher;
  /** Ends gracefully, or at once with `error` for what is in flight. */
  close(): Promise<void>;
  destroy(error: Error): Promise<void>;
}

/** How long an idle connection is kept; API servers themselves keep it for minutes. */
const keepAliveMs = 30_000;
const connectTimeoutMs = 10_000;
/** How often files with certificates are looked at for a change. */
const recheckMs = 60_000;

/** Hands out the pools, with new ones after certificates have changed. */
export function dispatcherSource(config: ClientConfig) {
  const { origin } = new URL(config.server);
  const proxy = config.proxyUrl ?? proxyForUrl(config.server);
  const tls = tlsMaterial(config.tls ?? {});
  let current: { dispatchers: Dispatchers; version: number; credentials: Credentials } | undefined;
  const retired = new Set<Dispatchers>();

  function retire({ dispatchers }: { dispatchers: Dispatchers }): void {
    retired.add(dispatchers);
    const forget = () => retired.delete(dispatchers);
    dispatchers.close().then(forget, forget);
  }

  return {
    /** The pools to use with these credentials. */
    for(credentials: Credentials): Dispatchers {
      const version = tls.version();
      const same =
        current?.version === version &&
        current.credentials.cert === credentials.cert &&
        current.credentials.key === credentials.key;
      if (current && same) return current.dispatchers;
      const options = connectOptions(tls.read(), credentials);
      const next = {
        dispatchers: createDispatchers(origin, proxy, options, config.maxConnections ?? 64),
        version,
        credentials,
      };
      if (current) retire(current);
      current = next;
      return next.dispatchers;
    },
    async destroy(error: Error): Promise<void> {
      const all = [...retired, ...(current ? [current.dispatchers] : [])];
      await Promise.all(all.map((dispatchers) => dispatchers.destroy(error)));
    },
  };
}

interface ConnectOptions {
  ca?: string;
  cert?: string;
  key?: string;
  servername?: string;
  rejectUnauthorized?: boolean;
}

function connectOptions(tls: TlsConfig, credentials: Credentials): ConnectOptions {
  const { ca, cert, key, serverName, insecure } = tls;
  return {
    ca: insecure ? undefined : ca,
    cert: credentials.cert ?? cert,
    key: credentials.key ?? key,
    servername: serverName,
    rejectUnauthorized: !insecure,
  };
}

function createDispatchers(
  origin: string,
  proxy: string | undefined,
  tls: ConnectOptions,
  connections: number,
): Dispatchers {
  const given = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
  const connect = { ...given, timeout: connectTimeoutMs, keepAlive: true, keepAliveInitialDelay: 30_000 };
  const pool = (limit: number | null): Dispatcher => {
    const options = {
      connections: limit,
      keepAliveTimeout: keepAliveMs,
      // The deadline of a request is its signal; watches may be silent for long.
      headersTimeout: 0,
      bodyTimeout: 0,
      pipelining: 1,
      allowH2: false,
    };
    return proxy
      ? new ProxyAgent({ ...options, uri: proxyUri(proxy), requestTls: connect, connectTimeout: connectTimeoutMs })
      : new Pool(origin, { ...options, connect });
  };
  const requests = pool(connections);
  const watches = pool(null);
  return {
    requests,
    watches,
    close: async () => void (await Promise.all([requests.close(), watches.close()])),
    destroy: async (error) => void (await Promise.all([requests.destroy(error), watches.destroy(error)])),
  };
}

function proxyUri(proxy: string): string {
  // `socks5h` differs from `socks5` in who looks up the name; it is always the proxy here.
  const uri = proxy.replace(/^socks5h:/, 'socks5:');
  if (!URL.canParse(uri) || !/^(https?|socks5):$/.test(new URL(uri).protocol)) {
    // The URL may hold a password, so it is not shown.
    throw new KubeConfigError('the proxy URL must be a URL with http, https or socks5');
  }
  return uri;
}

/** TLS settings whose files are read when they are first needed, and again when one of them changes. */
function tlsMaterial(tls: TlsConfig) {
  const files = [tls.caFile, tls.certFile, tls.keyFile].filter((file) => file !== undefined);
  let version = 0;
  let seen: string | undefined;
  let checkedAt = -Infinity;

  const stamp = () => files.map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0).join();
  const read = (what: string, file?: string) => {
    if (file === undefined) return undefined;
    try {
      // Small files, once per change: not worth making every request wait for a turn of the loop.
      return readFileSync(file, 'utf8');
    } catch (cause) {
      throw new KubeConfigError(`cannot read the ${what} ${file}: ${(cause as Error).message}`, { cause });
    }
  };
  return {
    version(): number {
      if (files.length > 0 && performance.now() - checkedAt > recheckMs) {
        checkedAt = performance.now();
        const now = stamp();
        if (now !== seen) version++;
        seen = now;
      }
      return version;
    },
    read: (): TlsConfig => ({
      ...tls,
      ca: tls.ca ?? read('CA file', tls.caFile),
      cert: tls.cert ?? read('client certificate', tls.certFile),
      key: tls.key ?? read('client key', tls.keyFile),
    }),
  };
}
