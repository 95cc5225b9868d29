import { createServer } from 'node:http';
import { close, listen } from './artifacts.ts';

/** Body of a POST to the notification controller, as far as tests look at it. */
export interface PostedEvent {
  involvedObject: { apiVersion: string; kind: string; name: string; namespace: string; uid?: string };
  severity: string;
  timestamp: string;
  message: string;
  reason: string;
  metadata?: Record<string, string>;
  reportingController: string;
  reportingInstance: string;
}

/** Stands in for the notification controller: takes events and keeps them in order. */
export interface EventServer {
  url: string;
  all: PostedEvent[];
  /** Calls back after every event. */
  subscribe(listener: () => void): () => void;
  close(): Promise<void>;
}

export async function startEventServer(): Promise<EventServer> {
  const all: PostedEvent[] = [];
  const listeners = new Set<() => void>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    all.push(JSON.parse(Buffer.concat(chunks).toString()) as PostedEvent);
    response.writeHead(202).end();
    for (const listener of listeners) listener();
  });
  return {
    url: await listen(server),
    all,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => close(server),
  };
}
