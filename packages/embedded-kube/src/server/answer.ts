/** Answers over HTTP. */
import type { ServerResponse } from 'node:http';
import { dump } from 'js-yaml';
import { type Status, StatusError } from '../status/errors.ts';

/** Sends JSON text. */
export function sendText(response: ServerResponse, code: number, text: string, warnings: readonly string[] = []): void {
  const body = Buffer.from(text);
  const headers: Record<string, string | number | string[]> = {
    'Content-Type': 'application/json',
    'Content-Length': body.length,
    'Cache-Control': 'no-cache, private',
  };
  if (warnings.length > 0) headers.Warning = [...new Set(warnings)].map(warningHeader);
  response.writeHead(code, headers).end(body);
}

/** Sends a value as JSON, or as YAML when the client prefers that. */
export function send(
  response: ServerResponse,
  code: number,
  value: object,
  options: { yaml?: boolean; warnings?: readonly string[]; contentType?: string } = {},
): void {
  if (options.yaml || options.contentType) {
    const text = options.yaml ? dump(value, { noRefs: true }) : JSON.stringify(value);
    response
      .writeHead(code, {
        'Content-Type': options.contentType ?? 'application/yaml',
        'Content-Length': Buffer.byteLength(text),
      })
      .end(text);
  } else sendText(response, code, JSON.stringify(value), options.warnings);
}

export function sendPlain(response: ServerResponse, code: number, text: string): void {
  response
    .writeHead(code, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': Buffer.byteLength(text) })
    .end(text);
}

/** RFC 7234 warning with the code for "miscellaneous, persistent", as the API server sends it. */
function warningHeader(text: string): string {
  const printable = text.replace(/[\u0000-\u001f\u007f]/g, ' ').replace(/[^\u0020-\u00ff]/g, '?');
  return `299 - "${printable.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** The Status of a failure. Anything but a StatusError is a defect of the server, and answered as an internal error. */
export function statusOf(error: unknown): Status {
  if (error instanceof StatusError) return error.toStatus();
  const detail = error instanceof Error ? error.message : String(error);
  return new StatusError(500, 'InternalError', `Internal error occurred: ${detail}`, {
    causes: [{ message: detail }],
  }).toStatus();
}
