/** A scripted API server for tests of what happens on the wire: every answer is written by the test. */
import { createServer as createHttp, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { SecureContextOptions, TLSSocket } from 'node:tls';
import type { Status } from '../errors.ts';

/** A request as it arrived. */
export interface Seen {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: IncomingHttpHeaders;
  body: string;
  /** Common name of the client certificate. */
  peer?: string;
}

export interface TestServer {
  url: string;
  port: number;
  /** Every request so far. */
  seen: Seen[];
  /** `METHOD path` of every request so far. */
  lines(): string[];
  /** Breaks every open connection. */
  hangUp(): void;
  stop(): Promise<void>;
}

export type Handler = (request: Seen, response: ServerResponse) => void;

export async function startServer(
  handler: Handler,
  tls?: SecureContextOptions & { requestCert?: boolean },
): Promise<TestServer> {
  const seen: Seen[] = [];
  const sockets = new Set<Socket>();
  const listener: Parameters<typeof createHttp>[1] = (request, response) => {
    const url = new URL(request.url ?? '/', 'http://server');
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const peer = (request.socket as TLSSocket).getPeerCertificate?.()?.subject?.CN as string | undefined;
      const arrived: Seen = {
        method: request.method ?? '',
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        headers: request.headers,
        body,
        peer,
      };
      seen.push(arrived);
      handler(arrived, response);
    });
  };
  const server = tls ? createHttps(tls, listener) : createHttp(listener);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const hangUp = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    seen,
    lines: () => seen.map(({ method, path }) => `${method} ${path}`),
    hangUp,
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        hangUp();
      }),
  };
}

export function sendJson(
  response: ServerResponse,
  body: unknown,
  code = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

export function sendStatus(response: ServerResponse, code: number, status: Omit<Status, 'code' | 'kind'>): void {
  sendJson(response, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, ...status }, code);
}

/** Begins a watch answer; write events with {@link sendEvent}. */
export function beginWatch(response: ServerResponse): ServerResponse {
  response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
  return response;
}

export function sendEvent(response: ServerResponse, type: string, object: unknown): void {
  response.write(`${JSON.stringify({ type, object })}\n`);
}

/** Waits for a condition; fails after ten seconds. */
export async function until(condition: () => boolean, what = condition.toString()): Promise<void> {
  const end = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`not within 10 s: ${what}`);
    await new Promise((done) => setTimeout(done, 2));
  }
}
