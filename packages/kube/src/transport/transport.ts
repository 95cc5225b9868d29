/** HTTP exchanges with one API server: identity, limits, deadlines, retries, and typed failures. Knows nothing of kinds. */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Dispatcher } from 'undici';
import type { ClientConfig } from '../config/config.ts';
import { credentialSource, type Credentials } from '../credentials/credentials.ts';
import { ConnectionError, errorOfResponse, KubeConfigError } from '../errors.ts';
import { abortable, deadline, pause, type Deadline } from './deadline.ts';
import { dispatcherSource } from './dispatcher.ts';
import { rateLimiter } from './rate-limit.ts';

const gunzipAsync = promisify(gunzip);
const defaultTimeoutMs = 30_000;
const defaultMaxBytes = 256 * 1024 * 1024;
/** Retries after 429 or 5xx with `Retry-After`, as long as the deadline allows. */
const maxRetries = 5;

/** One request. */
export interface Exchange {
  method: string;
  /** Path below the server's URL, encoded, with its query. */
  path: string;
  body?: string;
  contentType?: string;
  accept?: string;
  headers?: Record<string, string | string[]>;
  /** Ask for a compressed answer. */
  compressed?: boolean;
  /** Sending it twice has the effect of sending it once, so a broken connection is worth a second try. */
  repeatable?: boolean;
  signal?: AbortSignal;
  timeoutMs?: number;
  /** For observation. */
  verb: string;
  resource: string;
}

/** A successful answer. */
export interface Answer {
  code: number;
  headers: Record<string, string | string[] | undefined>;
  /** Parsed JSON, or text for other content types. */
  body: unknown;
}

/** See {@link createTransport}. */
export interface Transport {
  readonly maxBytes: number;
  /** Sends a request and reads the whole answer. Throws `ApiError`, or the reason of the caller's signal. */
  call(exchange: Exchange): Promise<Answer>;
  /** Sends a request and yields the body as it arrives. Has no deadline but the caller's signal. */
  stream(exchange: Exchange): AsyncGenerator<Buffer, void, undefined>;
  close(): Promise<void>;
}

type Response = Dispatcher.ResponseData;

/** An answer that is not a success; redirections are not followed. */
interface Refusal {
  code: number;
  body: unknown;
  /** When the server wants to be asked again, in milliseconds. */
  waitMs?: number;
}

/** Connects lazily; safe to share. */
export function createTransport(config: ClientConfig): Transport {
  const base = new URL(config.server);
  const prefix = base.pathname.replace(/\/+$/, '');
  const maxBytes = config.maxResponseBytes ?? defaultMaxBytes;
  const userAgent = config.userAgent ?? 'gitops-toolkit';
  const limit = rateLimiter(config.qps, config.burst);
  const credentials = credentialSource(config);
  const dispatchers = dispatcherSource(config);
  let closed = false;

  async function send(exchange: Exchange, kind: 'requests' | 'watches', who: Credentials, signal: AbortSignal) {
    await limit?.(signal);
    if (closed) throw new Error('the client is closed');
    const headers: Record<string, string | string[]> = {
      accept: exchange.accept ?? 'application/json',
      'user-agent': userAgent,
      ...exchange.headers,
    };
    if (who.authorization !== undefined) headers.authorization = who.authorization;
    if (exchange.contentType !== undefined) headers['content-type'] = exchange.contentType;
    if (exchange.compressed && !config.disableCompression) headers['accept-encoding'] = 'gzip';
    return dispatchers.for(who)[kind].request({
      origin: base.origin,
      path: prefix + exchange.path,
      method: exchange.method as Dispatcher.HttpMethod,
      headers,
      body: exchange.body,
      signal,
    });
  }

  /** Reads the whole body; for a stream too, when it carries an error. */
  async function read(response: Response): Promise<unknown> {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) throw new Error(`the answer is larger than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
    let bytes = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
    if (response.headers['content-encoding'] === 'gzip')
      bytes = await gunzipAsync(bytes, { maxOutputLength: maxBytes });
    const text = bytes.toString('utf8');
    if (text === '' || !String(response.headers['content-type']).includes('json')) return text;
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new Error('the answer is not valid JSON', { cause });
    }
  }

  /** One exchange: the result of `finish`, or what the server said against it. */
  async function attempt<T>(
    exchange: Exchange,
    kind: 'requests' | 'watches',
    who: Credentials,
    signal: AbortSignal,
    finish: (response: Response) => Promise<T>,
  ): Promise<{ result: T } | Refusal> {
    const startedAt = performance.now();
    let code = 0;
    try {
      const response = await send(exchange, kind, who, signal);
      const { statusCode } = response;
      const outcome =
        statusCode < 300
          ? { result: await finish(response) }
          : { code: statusCode, body: await read(response), waitMs: retryAfterMs(response) };
      code = statusCode;
      return outcome;
    } finally {
      const { method, verb, resource } = exchange;
      config.onRequest?.({ method, verb, resource, code, host: base.host, durationMs: performance.now() - startedAt });
    }
  }

  /**
   * Sends until an answer is final: once more after 401 with new credentials or after a broken connection, and a few
   * times when the server names a time to come back.
   */
  async function exchangeUntilFinal<T>(
    exchange: Exchange,
    kind: 'requests' | 'watches',
    limits: Deadline,
    finish: (response: Response) => Promise<T>,
  ): Promise<T> {
    let renewed = false;
    let repeated = false;
    let retries = 0;
    for (;;) {
      const who = await abortable(credentials.current(limits.signal), limits.signal);
      let outcome: { result: T } | Refusal;
      try {
        outcome = await attempt(exchange, kind, who, limits.signal, finish);
      } catch (error) {
        if (limits.signal.aborted || error instanceof KubeConfigError) throw error;
        // The server may close an idle connection at the very moment it is used again.
        if (!exchange.repeatable || repeated || !isBrokenConnection(error))
          throw connectionError(error, exchange, base);
        repeated = true;
        continue;
      }
      if ('result' in outcome) return outcome.result;
      const { code, body, waitMs } = outcome;
      if (code === 401 && !renewed && credentials.refused(who)) {
        renewed = true;
      } else if (waitMs !== undefined && retries < maxRetries && waitMs < limits.left()) {
        retries++;
        await pause(waitMs, limits.signal);
      } else {
        throw errorOfResponse(code, body, exchange.method, pathOf(exchange));
      }
    }
  }

  /** Runs `work` within its limits, and says which of them ended it. */
  async function within<T>(exchange: Exchange, limits: Deadline, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (exchange.signal?.aborted) throw exchange.signal.reason;
      throw limits.passed ? connectionError(error, exchange, base, true) : error;
    }
  }

  return {
    maxBytes,
    async call(exchange) {
      const limits = deadline(exchange.signal, exchange.timeoutMs ?? config.timeoutMs ?? defaultTimeoutMs);
      const finish = async (response: Response) => ({
        code: response.statusCode,
        headers: response.headers,
        body: await read(response),
      });
      try {
        return await within(exchange, limits, () => exchangeUntilFinal(exchange, 'requests', limits, finish));
      } finally {
        limits.end();
      }
    },
    async *stream(exchange) {
      const limits = deadline(exchange.signal, undefined);
      const start = () => exchangeUntilFinal(exchange, 'watches', limits, async (response) => response);
      try {
        const { body } = await within(exchange, limits, start);
        try {
          yield* body as AsyncIterable<Buffer>;
        } catch (error) {
          if (exchange.signal?.aborted) throw exchange.signal.reason;
          throw connectionError(error, exchange, base);
        } finally {
          // A reader that stops early must not leave the connection open.
          body.on('error', () => {}).destroy();
        }
      } finally {
        limits.end();
      }
    },
    async close() {
      closed = true;
      credentials.close?.();
      await dispatchers.destroy(new Error('the client was closed'));
    },
  };
}

const pathOf = (exchange: Exchange) => exchange.path.split('?', 1)[0] as string;

/** Milliseconds after which the server wants to be asked again, if it says so. */
function retryAfterMs(response: Response): number | undefined {
  const { statusCode: code, headers } = response;
  const value = headers['retry-after'];
  if ((code !== 429 && code < 500) || typeof value !== 'string' || !/^\d+$/.test(value)) return undefined;
  return Number(value) * 1000;
}

const brokenCodes = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);
function isBrokenConnection(error: unknown): boolean {
  return brokenCodes.has((error as NodeJS.ErrnoException).code ?? '');
}

function connectionError(error: unknown, exchange: Exchange, base: URL, timedOut = false): ConnectionError {
  const { method } = exchange;
  const path = pathOf(exchange);
  const what = timedOut ? 'no answer within the deadline of the request' : reasonText(error);
  return new ConnectionError({
    message: `${method} ${base.origin}${path}: ${what}`,
    method,
    path,
    cause: error,
    timedOut,
  });
}

function reasonText(error: unknown): string {
  if (error instanceof AggregateError) return reasonText(error.errors[0]);
  const { message, code } = error as NodeJS.ErrnoException;
  return message || code || String(error);
}
