/** Which proxy the environment asks for, as Go programs read it. */
import { BlockList, isIP } from 'node:net';

/**
 * The proxy for a URL from `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` (or their lower-case names). `NO_PROXY` lists
 * hosts, domains (`example.com` and `.example.com` match what is below them, the former also itself), addresses and CIDR ranges, each
 * with an optional port, or `*`. This machine itself is never reached through a proxy.
 * @returns the URL of the proxy, or undefined for none.
 */
export function proxyForUrl(target: string, env: Record<string, string | undefined> = process.env): string | undefined {
  const url = new URL(target);
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const proxy = env[name] || env[name.toLowerCase()];
  if (!proxy) return undefined;
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  if (isLoopback(host)) return undefined;
  const exceptions = (env.NO_PROXY || env.no_proxy || '').split(',').map((entry) => entry.trim().toLowerCase());
  if (exceptions.some((entry) => entry !== '' && excludes(entry, host, port))) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function excludes(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  const slash = entry.indexOf('/');
  if (slash > 0) return inRange(entry.slice(0, slash), Number(entry.slice(slash + 1)), host);
  const { name, only } = splitPort(entry);
  if (only !== undefined && only !== port) return false;
  if (isIP(name) > 0) return name === host;
  if (name.startsWith('*.')) return host.endsWith(name.slice(1));
  if (name.startsWith('.')) return host.endsWith(name);
  return host === name || host.endsWith(`.${name}`);
}

function splitPort(entry: string): { name: string; only?: string } {
  if (isIP(entry) > 0) return { name: entry };
  const match = /^(?:\[(?<v6>[^\]]+)\]|(?<name>[^:]+))(?::(?<port>\d+))?$/.exec(entry);
  return { name: match?.groups?.v6 ?? match?.groups?.name ?? entry, only: match?.groups?.port };
}

function inRange(network: string, prefix: number, host: string): boolean {
  const family = isIP(network);
  if (family === 0 || isIP(host) !== family || !(prefix >= 0 && prefix <= (family === 4 ? 32 : 128))) return false;
  const list = new BlockList();
  const type = family === 4 ? 'ipv4' : 'ipv6';
  list.addSubnet(network, prefix, type);
  return list.check(host, type);
}
