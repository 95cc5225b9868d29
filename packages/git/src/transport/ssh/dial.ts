import { once } from 'node:events';
import { BlockList, connect, isIP, type Socket } from 'node:net';
import { SocksClient } from 'socks';
import { InvalidOptionsError, UnreachableHostError } from '../../errors.ts';
import { parseProxy } from '../dispatcher.ts';
import { addressName, type HostAddress } from './known-hosts.ts';

/**
 * Opens a TCP connection to an SSH server: through the given SOCKS5 proxy, else through the one that `ALL_PROXY` names
 * unless `NO_PROXY` lists the host, else directly (SRC-250, SRC-251).
 *
 * @throws InvalidOptionsError for a proxy that cannot carry SSH, UnreachableHostError.
 */
export async function dial(address: HostAddress, proxy: string | undefined, signal: AbortSignal): Promise<Socket> {
  const via = proxy === undefined ? proxyFromEnvironment(address, process.env) : explicitProxy(proxy);
  if (via === undefined) return open(address, signal);
  const hop = { host: bare(via.hostname), port: Number(via.port || 1080) };
  const socket = await open(hop, signal);
  const end = () => socket.destroy();
  signal.addEventListener('abort', end);
  try {
    await SocksClient.createConnection({
      command: 'connect',
      destination: address,
      existing_socket: socket,
      timeout: 60_000,
      proxy: { ...hop, type: 5, ...credentialsOf(via) },
    });
    return socket;
  } catch (error) {
    socket.destroy();
    signal.throwIfAborted();
    const problem = (error as Error).message;
    throw new UnreachableHostError(
      `cannot talk to '${addressName(address)}' through the proxy '${via.host}': ${problem}`,
      { cause: error },
    );
  } finally {
    signal.removeEventListener('abort', end);
  }
}

async function open({ host, port }: HostAddress, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true, keepAlive: true });
  try {
    await once(socket, 'connect', { signal });
    return socket;
  } catch (error) {
    socket.on('error', () => undefined).destroy();
    signal.throwIfAborted();
    const { code, message } = error as NodeJS.ErrnoException;
    const isUnknown = code === 'ENOTFOUND' || code === 'EAI_AGAIN';
    const text = isUnknown ? `no such host '${host}'` : `cannot talk to '${host}:${port}': ${message || code}`;
    throw new UnreachableHostError(text, { cause: error });
  }
}

function explicitProxy(proxy: string): URL {
  const url = parseProxy(proxy);
  if (url.protocol === 'socks5:') return url;
  throw new InvalidOptionsError(`SSH cannot go through a proxy of scheme '${url.protocol.slice(0, -1)}', use socks5`);
}

/** As other programs do, a variable that cannot be used for SSH is passed over: it is there for everybody. */
function proxyFromEnvironment(address: HostAddress, env: NodeJS.ProcessEnv): URL | undefined {
  const value = env.ALL_PROXY || env.all_proxy;
  if (!value || !URL.canParse(value) || isExcluded(address, env.NO_PROXY || env.no_proxy || '')) return undefined;
  const url = new URL(value);
  return url.protocol === 'socks5:' || url.protocol === 'socks5h:' ? url : undefined;
}

/** `NO_PROXY`: addresses, networks, names with or without port, `.zone` and `*.zone`, `*`. */
function isExcluded({ host, port }: HostAddress, list: string): boolean {
  const name = host.toLowerCase();
  return list.split(',').some((item) => {
    const rule = item.trim().toLowerCase();
    if (rule === '*' || rule === name || rule === `${name}:${port}`) return true;
    const [network = '', bits] = rule.split('/');
    if (bits !== undefined) return isInNetwork(name, network, Number(bits));
    const zone = rule.replace(/^\*/, '');
    return zone.startsWith('.') && (name.endsWith(zone) || name === zone.slice(1));
  });
}

function isInNetwork(host: string, network: string, bits: number): boolean {
  const family = (text: string) => (isIP(text) === 6 ? 'ipv6' : 'ipv4');
  if (isIP(host) === 0 || isIP(network) === 0 || !(bits >= 0 && bits <= (isIP(network) === 6 ? 128 : 32))) return false;
  const block = new BlockList();
  block.addSubnet(network, bits, family(network));
  return block.check(host, family(host));
}

function credentialsOf({ username, password }: URL): { userId?: string; password?: string } {
  if (username === '') return {};
  return { userId: decodeURIComponent(username), password: decodeURIComponent(password) };
}

/** An IPv6 address without the brackets that URLs put around it. */
export function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}
