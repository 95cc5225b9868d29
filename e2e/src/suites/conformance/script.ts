/** How a conformance case is written: requests in order, and which answers count. */
import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '../../processes/index.ts';
import type { Answer, Connection } from './http.ts';
import { normal, normalText, type Names } from './normal.ts';

/** A parsed answer: its shape is what the cases are about. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Body = any;

/** What the recording keeps of one request. */
export interface Seen {
  request: string;
  code: number;
  headers?: Record<string, string>;
  /** JSON, or the text when the answer is none. */
  body?: unknown;
  /** Events of a watch. */
  events?: unknown[];
}

export interface SeeOptions {
  headers?: Record<string, string>;
  /** Content type of the body; default `application/json`. */
  type?: string;
  /** The part of a good answer that counts; default all of it. */
  show?: (body: Body) => unknown;
  /** The part of a failure that counts; default all of it. */
  showFailure?: (status: Body) => unknown;
}

export interface WatchOptions {
  /** Ends the watch after so many events; default: when the server ends it. */
  count?: number;
  show?: (event: Body) => unknown;
  /** Called once the watch is open. */
  then?: () => Promise<unknown>;
  headers?: Record<string, string>;
}

/** `NS` in a request line stands for the namespace of the case. */
export interface Stage {
  readonly ns: string;
  /** Sends a request whose answer counts. The body: text as it is, anything else as JSON. */
  see(line: string, body?: unknown, options?: SeeOptions): Promise<Body>;
  /** Sends a request that must succeed and does not count. */
  call(line: string, body?: unknown, options?: SeeOptions): Promise<Body>;
  /** Opens a watch whose events count. */
  watch(line: string, options?: WatchOptions): Promise<void>;
  /** Waits until the answer to a GET satisfies `condition`; it does not count. */
  until(path: string, condition: (code: number, body: Body) => boolean): Promise<Body>;
}

export type Script = (stage: Stage) => Promise<unknown>;

/** Cases by name. */
export type Topic = Record<string, Script>;

/** For failures whose text quotes Go structures or a parser: which fields, and why. */
export const causesOnly = {
  showFailure: ({ reason, code, details }: Body) => ({
    reason,
    code,
    causes: [...new Set(details.causes.map((cause: Body) => `${cause.field}: ${cause.reason}`))],
  }),
};

/** For failures whose text is that of a parser, or quotes the whole object. */
export const reasonOnly = { showFailure: ({ reason, code }: Body) => ({ reason, code }) };

export const merge = { type: 'application/merge-patch+json' };
export const json = { type: 'application/json-patch+json' };
export const strategic = { type: 'application/strategic-merge-patch+json' };
export const apply = { type: 'application/apply-patch+yaml' };

const shownHeaders = ['content-type', 'warning', 'retry-after', 'allow', 'location'];

export function openStage(connection: Connection, namespace: string, signal: AbortSignal, seen: Seen[]): Stage {
  const names: Names = { namespace, uids: new Map(), revisions: new Map() };

  function parts(line: string, body: unknown, { type = 'application/json', headers }: SeeOptions) {
    const [method, path] = line.split(' ', 2) as [string, string];
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const content: Record<string, string> = text === undefined ? {} : { 'content-type': type };
    return {
      method,
      path: path.replaceAll(/\bNS\b/g, namespace),
      headers: { ...content, ...headers },
      body: text,
      signal,
    };
  }

  const stage: Stage = {
    ns: namespace,
    async see(line, body, options = {}) {
      const answer = await connection.send(parts(line, body, options));
      const parsed = parse(answer.text);
      const entry: Seen = { request: normalText(line, names), code: answer.code };
      const headers = headersOf(answer, names);
      if (headers !== undefined) entry.headers = headers;
      const show = answer.code >= 400 ? options.showFailure : options.show;
      const shown = show === undefined ? parsed : show(parsed);
      if (shown !== undefined && shown !== '') entry.body = normal(shown, names);
      seen.push(entry);
      return parsed;
    },
    async call(line, body, options = {}) {
      const answer = await connection.send(parts(line, body, options));
      if (answer.code >= 300) throw new Error(`${line}: ${answer.code} ${answer.text}`);
      return parse(answer.text);
    },
    async watch(line, { count = Infinity, show = (event: unknown) => event, then, headers } = {}) {
      const stream = await connection.lines(parts(line, undefined, { headers }));
      const entry: Seen = { request: normalText(line, names), code: stream.code, events: [] };
      seen.push(entry);
      try {
        const acting = then?.();
        while (entry.events!.length < count) {
          const text = await stream.next();
          if (text === undefined) break;
          const shown = show(parse(text));
          if (shown !== undefined) entry.events!.push(normal(shown, names));
        }
        await acting;
      } finally {
        stream.close();
      }
    },
    async until(path, condition) {
      let last: unknown;
      await waitFor(
        path,
        async () => {
          const answer = await connection.send(parts(`GET ${path}`, undefined, {}));
          last = parse(answer.text);
          return condition(answer.code, last);
        },
        { signal },
      );
      return last;
    },
  };
  return stage;
}

/** Until the next second, for times of that resolution to differ. */
export const tick = () => delay(1_050);

function headersOf({ headers }: Answer, names: Names): Record<string, string> | undefined {
  const shown: Record<string, string> = {};
  for (const name of shownHeaders) {
    const value = headers[name];
    if (value === undefined || value === 'application/json') continue;
    const text = normalText(String(value), names);
    // Unknown fields of custom resources are named in the order of a Go map, which is none.
    shown[name] =
      name === 'warning'
        ? text
            .split(/, (?=299 )/)
            .sort()
            .join(', ')
        : text;
  }
  return Object.keys(shown).length > 0 ? shown : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
