/** A bad network and an overloaded server, between clients and an API server: an HTTP relay that spoils some exchanges. */
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, request as requestHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { loadConfig } from '@gitops-toolkit/kube';
import { randomFrom } from './random.ts';

/** What can be done to an exchange. */
export type Fault =
  | 'too-many-requests'
  | 'server-error'
  | 'unavailable'
  /** The connection breaks before the server hears of the request. */
  | 'reset'
  /** The server does what it was asked, and the answer is lost. */
  | 'lost-answer'
  | 'stall'
  /** A watch breaks off in the middle of an event. */
  | 'cut-watch'
  /** A watch ends because its resource version is too old. */
  | 'expired-watch';

export interface FaultOptions {
  /** Share of the requests that are spoiled, 0 to 1; watches not counted. */
  rate: number;
  /** Of so many watches one is spoiled at its start. */
  watchPeriod: number;
  /** Requests and answers held up by `stall`, in milliseconds. */
  stallMs: number;
  /** Longest life of a watch that is not spoiled at its start, in milliseconds. */
  watchMs: number;
  /** The same seed gives the same sequence of faults. */
  seed: number;
}

/** See {@link startFaultInjector}. */
export interface FaultInjector {
  /** Kubeconfig of the relay, for the programs that are to suffer. */
  readonly kubeconfig: string;
  /** How often each fault was done. */
  readonly counts: Record<Fault, number>;
  /** Requests relayed so far. */
  readonly requests: number;
  /** From now on everything goes through, and watches that are open break off. */
  heal(): void;
  close(): Promise<void>;
}

const requestFaults: Fault[] = ['too-many-requests', 'server-error', 'unavailable', 'reset', 'lost-answer', 'stall'];
const watchFaults: Fault[] = ['expired-watch', 'too-many-requests', 'server-error', 'reset', 'stall'];

/** Starts a relay to the API server of `kubeconfig`; its own kubeconfig is written into `folder`. */
export async function startFaultInjector(
  kubeconfig: string,
  folder: string,
  options: FaultOptions,
): Promise<FaultInjector> {
  const config = await loadConfig({ kubeconfig });
  const target = new URL(config.server);
  const pem = async (text: string | undefined, file: string | undefined) =>
    text ?? (file === undefined ? undefined : readFile(file, 'utf8'));
  const { ca, caFile, cert, certFile, key, keyFile } = config.tls ?? {};
  const tls = { ca: await pem(ca, caFile), cert: await pem(cert, certFile), key: await pem(key, keyFile) };
  const token = config.auth?.token;
  const random = randomFrom(options.seed);
  const counts = Object.fromEntries(
    [...requestFaults, ...watchFaults, 'cut-watch'].map((fault) => [fault, 0]),
  ) as Record<Fault, number>;
  const watches = new Set<() => void>();
  let healed = false;
  let requests = 0;

  /** Which request is spoiled is left to chance; how, goes round, so that nothing is left out. Watches are few. */
  const seen = { watches: 0, spoiled: 0 };
  const faultFor = (watch: boolean): Fault | undefined => {
    if (healed) return undefined;
    if (!watch) return random() < options.rate ? requestFaults[seen.spoiled++ % requestFaults.length] : undefined;
    const turn = seen.watches++ / options.watchPeriod - 1;
    return turn >= 0 && Number.isInteger(turn) ? watchFaults[turn % watchFaults.length] : undefined;
  };

  /** Sends the request on; `finish` gets the answer. */
  function relay(incoming: IncomingMessage, outgoing: ServerResponse, finish: (answer: IncomingMessage) => void): void {
    const send = target.protocol === 'https:' ? requestHttps : requestHttp;
    const headers = { ...incoming.headers, host: target.host, ...(token && { authorization: `Bearer ${token}` }) };
    const upstream = send(new URL(incoming.url ?? '/', target), { method: incoming.method, headers, ...tls }, finish);
    upstream.on('error', () => incoming.socket.destroy());
    outgoing.on('close', () => upstream.destroy());
    incoming.pipe(upstream);
  }

  function pass(answer: IncomingMessage, outgoing: ServerResponse): void {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    outgoing.flushHeaders();
    answer.on('error', () => outgoing.destroy());
    answer.pipe(outgoing);
  }

  /** A watch that breaks off in the middle of an event once its time has come. */
  function passWatch(answer: IncomingMessage, outgoing: ServerResponse): void {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    outgoing.flushHeaders();
    let cut = false;
    const breakOff = () => outgoing.socket?.resetAndDestroy();
    watches.add(breakOff);
    const timer = setTimeout(() => (cut = !healed), options.watchMs * random());
    answer.on('data', (chunk: Buffer) => {
      if (!cut) return void outgoing.write(chunk);
      counts['cut-watch'] += 1;
      outgoing.write(chunk.subarray(0, Math.ceil(chunk.length / 2)), breakOff);
    });
    answer.on('end', () => outgoing.end());
    answer.on('error', () => outgoing.destroy());
    outgoing.on('close', () => {
      clearTimeout(timer);
      watches.delete(breakOff);
    });
  }

  function spoil(fault: Fault, incoming: IncomingMessage, outgoing: ServerResponse): void {
    counts[fault] += 1;
    switch (fault) {
      case 'too-many-requests':
        return refuse(outgoing, 429, 'TooManyRequests', { 'retry-after': '1' });
      case 'server-error':
        return refuse(outgoing, 500, 'InternalError');
      case 'unavailable':
        outgoing.writeHead(503, { 'content-type': 'text/plain' }).end('upstream connect error');
        return;
      case 'expired-watch':
        return refuse(outgoing, 410, 'Expired');
      case 'reset':
        incoming.socket.resetAndDestroy();
        return;
      case 'lost-answer':
        return relay(incoming, outgoing, (answer) => {
          answer.resume();
          answer.on('close', () => incoming.socket.resetAndDestroy());
        });
      default:
        setTimeout(() => forward(incoming, outgoing), options.stallMs);
    }
  }

  const isWatch = (incoming: IncomingMessage) => /[?&]watch=(true|1)/.test(incoming.url ?? '');
  const forward = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    if (outgoing.destroyed) return;
    relay(incoming, outgoing, (answer) => (isWatch(incoming) ? passWatch : pass)(answer, outgoing));
  };

  const server = createServer((incoming, outgoing) => {
    requests += 1;
    const fault = faultFor(isWatch(incoming));
    if (fault) spoil(fault, incoming, outgoing);
    else forward(incoming, outgoing);
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const file = join(folder, 'disturbed.kubeconfig');
  await writeFile(file, kubeconfigOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), { mode: 0o600 });
  return {
    kubeconfig: file,
    counts,
    get requests() {
      return requests;
    },
    heal() {
      healed = true;
      for (const breakOff of watches) breakOff();
    },
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function refuse(outgoing: ServerResponse, code: number, reason: string, headers: Record<string, string> = {}): void {
  const status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'injected',
    reason,
    code,
  };
  outgoing.writeHead(code, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(status));
}

function kubeconfigOf(server: string): string {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'disturbed', cluster: { server } }],
    users: [{ name: 'anybody', user: {} }],
    contexts: [{ name: 'disturbed', context: { cluster: 'disturbed', user: 'anybody' } }],
    'current-context': 'disturbed',
  };
  return JSON.stringify(config, undefined, 2);
}
