import type { FastifyInstance } from 'fastify';

/** Host and port of a listen address like `:8080`, `127.0.0.1:8080` or `[::1]:8080`. */
export interface ListenAddress {
  /** Undefined: every interface. */
  host?: string;
  port: number;
}

/** @throws RangeError for anything else */
export function parseListenAddress(text: string): ListenAddress {
  const match = /^(?:\[([0-9a-fA-F:.%]+)\]|([^:\s[\]]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65535) throw new RangeError(`'${text}' is not a listen address like :8080 or 127.0.0.1:8080`);
  const host = match[1] ?? match[2];
  return host ? { host, port } : { port };
}

/**
 * Serves until the signal aborts. `onListening` gets the address that was bound, with the real port where 0 was asked.
 *
 * @throws Error the address is in use or not ours
 */
export async function serve(
  server: FastifyInstance,
  address: string,
  signal: AbortSignal,
  onListening?: (url: string) => void,
): Promise<void> {
  const { host, port } = parseListenAddress(address);
  // Both address families where there are two.
  const url = await listenAnywhere(server, host, port);
  onListening?.(url);
  if (!signal.aborted)
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  await server.close();
}

async function listenAnywhere(server: FastifyInstance, host: string | undefined, port: number): Promise<string> {
  if (host) return server.listen({ host, port });
  try {
    return await server.listen({ host: '::', port });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'EAFNOSUPPORT' && code !== 'EADDRNOTAVAIL') throw error;
    return server.listen({ host: '0.0.0.0', port });
  }
}
