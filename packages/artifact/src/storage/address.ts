import { hostname } from 'node:os';
import { StorageError } from '../errors.ts';

/**
 * Splits a bind address (`:9090`, `127.0.0.1:9090`, `[::1]:9090`). An empty host means every interface.
 *
 * @throws StorageError `InvalidConfiguration` when there is no port (SRC-371).
 */
export function parseBindAddress(address: string): { host: string; port: number } {
  const found = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(address);
  const port = Number(found?.[3] ?? Number.NaN);
  if (found === null || port > 65535) {
    throw new StorageError('InvalidConfiguration', `invalid storage address '${address}': expected HOST:PORT or :PORT`);
  }
  return { host: found[1] ?? found[2] ?? '', port };
}

/**
 * The address that artifact URLs carry: the advertised one verbatim if given, else made from the bind address
 * (SRC-371, RTM-240).
 *
 * @throws StorageError `InvalidConfiguration` for a bind address without port.
 */
export function advertisedAddress(
  bindAddress: string,
  advertised = '',
  environment: { HOSTNAME?: string } = process.env,
): string {
  if (advertised !== '') return advertised;
  const { host, port } = parseBindAddress(bindAddress);
  if (host === '') return `localhost:${port}`;
  if (host === '0.0.0.0') return `${environment.HOSTNAME || hostname()}:${port}`;
  return bindAddress;
}

/** The URL of a path below the storage directory; undefined for an empty path (SRC-370, SRC-484). */
export function artifactUrl(address: string, path: string): string | undefined {
  const relative = path.replace(/^\/+/, '');
  if (relative === '') return undefined;
  const base = /^https?:\/\//.test(address) ? address.replace(/\/+$/, '') : `http://${address}`;
  return `${base}/${relative}`;
}
