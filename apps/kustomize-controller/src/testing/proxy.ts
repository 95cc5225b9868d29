import { createServer, request, type IncomingHttpHeaders } from 'node:http';
import { close, listen } from './artifacts.ts';

/** A request as it went through. */
export interface Seen {
  method: string;
  path: string;
  /** Whom the client acts as. */
  user: string | undefined;
}

/** Stands between a client and the API server, and notes who asks for what. */
export interface Proxy {
  url: string;
  seen: Seen[];
  close(): Promise<void>;
}

export async function startProxy(target: string): Promise<Proxy> {
  const seen: Seen[] = [];
  const server = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming as { method: string; url: string; headers: IncomingHttpHeaders };
    seen.push({ method, path: url, user: headers['impersonate-user'] as string | undefined });
    const forwarded = request(`${target}${url}`, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on('error', () => outgoing.destroy());
    outgoing.on('close', () => forwarded.destroy());
    incoming.pipe(forwarded);
  });
  return { url: await listen(server), seen, close: () => close(server) };
}
