/** Request bodies. */
import type { IncomingMessage } from 'node:http';
import { load } from 'js-yaml';
import { decodeProtobuf, protobufType } from './protobuf.ts';
import { badRequest, tooLarge, unsupportedMediaType } from '../status/errors.ts';

/** The largest body accepted, in bytes: as in the API server. */
export const bodyLimit = 3 * 1024 * 1024;

/** The whole body. Throws 413 beyond the limit. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > bodyLimit) {
    // Read on, or the client never gets to see the answer.
    request.resume();
    throw tooLarge(bodyLimit);
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bodyLimit) throw tooLarge(bodyLimit);
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

/** The media type of a request, without parameters. */
export function mediaType(request: IncomingMessage): string {
  return (request.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
}

const accepted = ['application/json', 'application/yaml', protobufType];

/** A body as JSON, YAML or protobuf, by its content type; undefined when it is empty. Throws 400 and 415. */
export function parseBody(body: Buffer, type: string): unknown {
  if (body.length === 0) return undefined;
  if (type === protobufType) return decodeProtobuf(body);
  const text = body.toString('utf8');
  if (type === '' || type === 'application/json') return parseJson(text);
  if (type === 'application/yaml' || type === 'application/x-yaml') return parseYaml(text);
  throw unsupportedMediaType(accepted);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest(
      `couldn't get version/kind; json parse error: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function parseYaml(text: string): unknown {
  try {
    return load(text);
  } catch (error) {
    throw badRequest(`yaml: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
  }
}
