/** Plain HTTP to an API server: nothing is retried, decoded or improved on the way. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Agent as PlainAgent, request as plainRequest, type IncomingMessage } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { createInterface } from 'node:readline';
import { loadConfig } from '@gitops-toolkit/kube';

export interface Answer {
  code: number;
  headers: IncomingMessage['headers'];
  text: string;
}

export interface RequestParts {
  method: string;
  /** With the query. */
  path: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  signal: AbortSignal;
}

/** An open watch: what the server has sent so far is read line by line. */
export interface LineStream {
  code: number;
  /** The next line; undefined at the end of the answer. */
  next(): Promise<string | undefined>;
  close(): void;
}

export interface Connection {
  send(parts: RequestParts): Promise<Answer>;
  lines(parts: RequestParts): Promise<LineStream>;
  close(): void;
}

/** Connects as the identity of a kubeconfig: a client certificate, a bearer token, or nobody. */
export async function connect(kubeconfig: string): Promise<Connection> {
  const { server, tls = {}, auth = {} } = await loadConfig({ kubeconfig });
  const pem = async (text: string | undefined, file: string | undefined) =>
    text ?? (file === undefined ? undefined : await readFile(file, 'utf8'));
  const secure = server.startsWith('https:');
  const agent = secure
    ? new TlsAgent({
        keepAlive: true,
        ca: await pem(tls.ca, tls.caFile),
        cert: await pem(tls.cert, tls.certFile),
        key: await pem(tls.key, tls.keyFile),
        rejectUnauthorized: tls.insecure !== true,
      })
    : new PlainAgent({ keepAlive: true });

  async function open({ method, path, headers = {}, body, signal }: RequestParts): Promise<IncomingMessage> {
    const credentials = auth.token === undefined ? {} : { authorization: `Bearer ${auth.token}` };
    // A fixed user agent, because it names the field manager of requests that do not name one.
    const all = { accept: 'application/json', 'user-agent': 'conformance/1.0', ...credentials, ...headers };
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const call = (secure ? tlsRequest : plainRequest)(new URL(path, server), {
      method,
      agent,
      headers: { ...all, ...length },
      signal,
    });
    call.end(body);
    const [answer] = (await once(call, 'response')) as [IncomingMessage];
    return answer;
  }

  return {
    async send(parts) {
      const answer = await open(parts);
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk as Buffer);
      return { code: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(chunks).toString('utf8') };
    },
    async lines(parts) {
      const answer = await open(parts);
      const lines = createInterface({ input: answer })[Symbol.asyncIterator]();
      return {
        code: answer.statusCode ?? 0,
        async next() {
          const { done, value } = await lines.next();
          return done ? undefined : (value as string);
        },
        close: () => answer.destroy(),
      };
    },
    close: () => agent.destroy(),
  };
}
