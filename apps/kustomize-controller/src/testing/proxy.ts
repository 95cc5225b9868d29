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
  /** Answers with this code instead of asking the server; undefined: asks. */
  refuse: (request: Seen) => number | undefined;
  close(): Promise<void>;
}

export async function startProxy(target: string): Promise<Proxy> {
  const proxy: Proxy = { url: '', seen: [], refuse: () => undefined, close: () => close(server) };
  const server = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming as { method: string; url: string; headers: IncomingHttpHeaders };
    const seen = { method, path: url, user: headers['impersonate-user'] as string | undefined };
    proxy.seen.push(seen);
    const code = proxy.refuse(seen);
    if (code !== undefined) {
      const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, message: 'refused by the test' };
      incoming.resume();
      outgoing.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(status));
      return;
    }
    const forwarded = request(`${target}${url}`, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on('error', () => outgoing.destroy());
    outgoing.on('close', () => forwarded.destroy());
    incoming.pipe(forwarded);
  });
  proxy.url = await listen(server);
  return proxy;
}
