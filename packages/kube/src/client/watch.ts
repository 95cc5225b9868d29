/** Watch requests: a stream of JSON texts, one a line, each an event. */
import { apiVersionOf, type KubeObject, type ResourceType } from '@gitops-toolkit/api';
import { ConnectionError, errorOfResponse } from '../errors.ts';
import type { WatchEvent } from '../types.ts';

const newline = 0x0a;

/**
 * Cuts a byte stream into lines. Works on bytes, so that a character divided between two chunks stays whole.
 * @throws RangeError for a line of more than `maxBytes`.
 */
export async function* lines(chunks: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<string, string> {
  let pending: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      pending.push(chunk.subarray(start, end));
      const line = pending.length === 1 ? (pending[0] as Buffer) : Buffer.concat(pending);
      pending = [];
      size = 0;
      start = end + 1;
      if (line.length > 0) yield line.toString('utf8');
    }
    if (start === chunk.length) continue;
    pending.push(start === 0 ? chunk : chunk.subarray(start));
    size += chunk.length - start;
    if (size > maxBytes) throw new RangeError(`a line of the answer is longer than ${maxBytes} bytes`);
  }
  return Buffer.concat(pending).toString('utf8');
}

interface RawEvent {
  type: string;
  object: KubeObject;
}

/** Gives an object of a list or a metadata-only answer the kind that was asked for. */
export function withKind<T extends KubeObject>(object: T, type: ResourceType): T {
  if (object.kind === undefined || object.kind === 'PartialObjectMetadata') {
    object.apiVersion = apiVersionOf(type);
    object.kind = type.kind;
  }
  return object;
}

/**
 * The events of a watch. Ends when the stream does.
 * @throws ApiError for an error event; `Expired` when the resource version is too old.
 * @throws ConnectionError when the stream breaks off within an event, or is not made of events.
 */
export async function* watchEvents<T extends KubeObject>(
  chunks: AsyncIterable<Buffer>,
  type: ResourceType,
  path: string,
  maxBytes: number,
): AsyncGenerator<WatchEvent<T>, void> {
  const broken = (message: string, cause?: unknown) =>
    new ConnectionError({ message: `watch of ${path}: ${message}`, method: 'GET', path, cause });
  const texts = lines(chunks, maxBytes);
  try {
    for (;;) {
      const next = await texts.next();
      if (next.done && next.value.trim() === '') return;
      let event: RawEvent;
      try {
        event = JSON.parse(next.value) as RawEvent;
      } catch (cause) {
        throw broken(next.done ? 'the stream broke off within an event' : 'the server sent no valid event', cause);
      }
      switch (event.type) {
        case 'ADDED':
        case 'MODIFIED':
        case 'DELETED':
          yield { type: event.type, object: withKind(event.object as T, type) };
          break;
        case 'BOOKMARK':
          yield { type: 'BOOKMARK', resourceVersion: event.object.metadata.resourceVersion ?? '' };
          break;
        case 'ERROR': {
          const { code = 500 } = event.object as { code?: number };
          throw errorOfResponse(code, event.object, 'GET', path);
        }
        default:
          throw broken(`the server sent an event of unknown type ${JSON.stringify(event.type)}`);
      }
      if (next.done) return;
    }
  } catch (error) {
    throw error instanceof RangeError ? broken(error.message, error) : error;
  } finally {
    await texts.return('');
  }
}
