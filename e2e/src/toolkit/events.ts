/** Stands where the notification controller listens, and keeps what controllers post. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { waitFor } from '../processes/index.ts';
import type { Context } from '../runner/suite.ts';

/** An event as controllers post it (RTM §4.2). */
export interface PostedEvent {
  involvedObject: { kind: string; namespace: string; name: string };
  severity: 'info' | 'error' | 'trace';
  reason: string;
  message: string;
  metadata?: Record<string, string>;
  reportingController: string;
}

export interface EventSink {
  /** For `--events-addr`. */
  readonly url: string;
  /** Everything so far, oldest first. */
  readonly events: PostedEvent[];
  /** Waits for one that is as wanted. */
  until(what: string, wanted: (event: PostedEvent) => boolean, signal: AbortSignal): Promise<PostedEvent>;
}

/** Starts a sink that ends with the case or suite. */
export async function startEventSink({ cleanUp }: Context): Promise<EventSink> {
  const events: PostedEvent[] = [];
  const server = createServer((request, response) => {
    json(request).then(
      (event) => {
        events.push(event as PostedEvent);
        response.writeHead(202).end();
      },
      () => response.writeHead(400).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUp(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    events,
    until: (what, wanted, signal) => waitFor(`the event ${what}`, () => events.find(wanted), { signal }),
  };
}
