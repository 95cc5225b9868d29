/**
 * Reads the protobuf encoding in which Go clients send built-in kinds. Answers are always JSON, which those clients
 * accept too. Field numbers: `builtin/protobuf.json` (see scripts/generate-protobuf.mjs).
 */
import { readFileSync } from 'node:fs';
import type { JsonObject } from '../object/json.ts';
import { badRequest, unsupportedMediaType } from '../status/errors.ts';

export const protobufType = 'application/vnd.kubernetes.protobuf';

interface ProtobufDocument {
  kinds: Record<string, string>;
  messages: Record<string, Record<string, string>>;
}

interface Field {
  /** Empty: the message's fields stand in for it. */
  name: string;
  pointer: boolean;
  shape: 'one' | 'list' | 'map';
  /** One of s, y, i, o, d, or m: and a message. */
  type: string;
}

let document: ProtobufDocument | undefined;
const messages = new Map<string, Map<number, Field>>();

function kinds(): Record<string, string> {
  document ??= JSON.parse(
    readFileSync(new URL('../builtin/protobuf.json', import.meta.url), 'utf8'),
  ) as ProtobufDocument;
  return document.kinds;
}

function fieldsOf(message: string): Map<number, Field> {
  let fields = messages.get(message);
  if (fields === undefined) {
    fields = new Map();
    for (const [number, text] of Object.entries(document!.messages[message] ?? {}))
      fields.set(Number(number), fieldOf(text));
    messages.set(message, fields);
  }
  return fields;
}

function fieldOf(text: string): Field {
  const space = text.indexOf(' ');
  let type = text.slice(space + 1);
  let pointer = false;
  let shape: Field['shape'] = 'one';
  for (; '*[{'.includes(type[0]!); type = type.slice(1)) {
    if (type[0] === '*') pointer = true;
    else shape = type[0] === '[' ? 'list' : 'map';
  }
  return { name: text.slice(0, space), pointer, shape, type };
}

const magic = Buffer.from('k8s\0');

/** An object from its protobuf encoding. Throws 400 for broken bytes, 415 for a kind whose encoding is not known. */
export function decodeProtobuf(body: Buffer): JsonObject {
  if (body.length < 4 || !body.subarray(0, 4).equals(magic)) {
    throw badRequest('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  }
  try {
    const envelope = readEnvelope(body.subarray(4));
    const message =
      envelope.kind === 'DeleteOptions'
        ? kinds() && 'meta.v1.DeleteOptions'
        : kinds()[`${envelope.apiVersion}/${envelope.kind}`];
    if (message === undefined) throw unsupportedMediaType(['application/json', 'application/yaml']);
    return { apiVersion: envelope.apiVersion, kind: envelope.kind, ...readMessage(message, envelope.raw) };
  } catch (error) {
    if (error instanceof RangeError) throw badRequest(`the protobuf message cannot be read: ${error.message}`);
    throw error;
  }
}

function readEnvelope(bytes: Buffer): { apiVersion: string; kind: string; raw: Buffer } {
  const envelope: { apiVersion: string; kind: string; raw: Buffer } = {
    apiVersion: '',
    kind: '',
    raw: Buffer.alloc(0),
  };
  for (const { number, value } of wireFields(bytes)) {
    if (number === 2) envelope.raw = value as Buffer;
    else if (number === 1) {
      for (const inner of wireFields(value as Buffer)) {
        if (inner.number === 1) envelope.apiVersion = String(inner.value);
        else if (inner.number === 2) envelope.kind = String(inner.value);
      }
    }
  }
  return envelope;
}

type WireValue = bigint | number | Buffer;

/** The fields of a message as they are on the wire. Throws `RangeError` where the bytes end too early. */
function* wireFields(bytes: Buffer): Generator<{ number: number; value: WireValue }> {
  let position = 0;
  const varint = (): bigint => {
    let result = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      if (position >= bytes.length) throw new RangeError('unexpected end');
      const byte = bytes[position++]!;
      result |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, result);
    }
    throw new RangeError('integer overflow');
  };
  const take = (length: number): Buffer => {
    if (length < 0 || position + length > bytes.length) throw new RangeError('unexpected end');
    position += length;
    return bytes.subarray(position - length, position);
  };
  while (position < bytes.length) {
    const tag = Number(varint());
    const number = tag >> 3;
    switch (tag & 7) {
      case 0:
        yield { number, value: varint() };
        break;
      case 1:
        yield { number, value: take(8).readDoubleLE() };
        break;
      case 2:
        yield { number, value: take(Number(varint())) };
        break;
      case 5:
        yield { number, value: take(4).readFloatLE() };
        break;
      default:
        throw new RangeError(`unknown wire type ${tag & 7}`);
    }
  }
}

function readMessage(message: string, bytes: Buffer, depth = 0): JsonObject {
  if (depth > 64) throw new RangeError('too deeply nested');
  const fields = fieldsOf(message);
  const result: JsonObject = {};
  for (const { number, value } of wireFields(bytes)) {
    const field = fields.get(number);
    if (field === undefined) continue;
    if (field.shape === 'map') {
      const [key, entry] = readEntry(field, value as Buffer, depth);
      ((result[field.name] ??= {}) as JsonObject)[key] = entry;
      continue;
    }
    const decoded = readValue(field.type, value, depth);
    if (field.shape === 'list') ((result[field.name] ??= []) as unknown[]).push(decoded ?? {});
    else if (field.name === '') Object.assign(result, decoded);
    // What is no pointer is always sent: its zero means that it is not set.
    else if (decoded !== undefined && (field.pointer || !isZero(decoded))) result[field.name] = decoded;
    else if (field.pointer && field.type.startsWith('m:')) result[field.name] = {};
  }
  return result;
}

function readEntry(field: Field, bytes: Buffer, depth: number): [string, unknown] {
  let key = '';
  let entry: unknown = field.type === 's' || field.type === 'y' ? '' : {};
  for (const { number, value } of wireFields(bytes)) {
    if (number === 1) key = String(value);
    else if (number === 2) entry = readValue(field.type, value, depth) ?? entry;
  }
  return [key, entry];
}

function isZero(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === '' || value === 0 || value === false;
}

function readValue(type: string, value: WireValue, depth: number): unknown {
  switch (type) {
    case 's':
      return (value as Buffer).toString('utf8');
    case 'y':
      return (value as Buffer).toString('base64');
    case 'i':
    case 'd':
      return Number(value);
    case 'o':
      return value !== 0n;
    default: {
      const message = type.slice(2);
      const special = specials[message];
      return special === undefined ? readMessage(message, value as Buffer, depth + 1) : special(value as Buffer);
    }
  }
}

function numbered(bytes: Buffer): Map<number, WireValue> {
  return new Map([...wireFields(bytes)].map(({ number, value }) => [number, value]));
}

function readTime(bytes: Buffer, fraction: boolean): string | undefined {
  const fields = numbered(bytes);
  const seconds = Number(fields.get(1) ?? 0n);
  // The zero time of Go, or nothing at all: no time.
  if (fields.size === 0 || seconds <= -62135596800) return undefined;
  const date = new Date(seconds * 1000).toISOString().slice(0, 19);
  const micros = Math.floor(Number(fields.get(2) ?? 0n) / 1000);
  return fraction ? `${date}.${String(micros).padStart(6, '0')}Z` : `${date}Z`;
}

/** Types with an encoding of their own; undefined when nothing is set. */
const specials: Record<string, (bytes: Buffer) => unknown> = {
  time: (bytes) => readTime(bytes, false),
  microtime: (bytes) => readTime(bytes, true),
  duration: (bytes) => `${Number(numbered(bytes).get(1) ?? 0n) / 1e9}s`,
  quantity: (bytes) => String(numbered(bytes).get(1) ?? '0'),
  raw: (bytes) => {
    const raw = numbered(bytes).get(1);
    if (raw === undefined || (raw as Buffer).length === 0) return undefined;
    try {
      return JSON.parse(String(raw)) as unknown;
    } catch {
      throw new RangeError('an embedded object is not JSON');
    }
  },
  intorstring: (bytes) => {
    const fields = numbered(bytes);
    return fields.get(1) === 1n ? String(fields.get(3) ?? '') : Number(fields.get(2) ?? 0n);
  },
  items: (bytes) => [...wireFields(bytes)].map(({ value }) => String(value)),
};
