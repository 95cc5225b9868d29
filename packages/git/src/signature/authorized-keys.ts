import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { wireReader } from './wire.ts';

/** A public key of an authorized_keys text. */
export interface AuthorizedKey {
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256` … */
  type: string;
  /** The key in SSH's binary format. */
  blob: Buffer;
}

/**
 * Reads a text in the format of authorized_keys: one key per line, options before it and a comment after it allowed;
 * blank lines and those that begin with `#` do not count (SRC-300).
 *
 * @throws Error for a line that has no key; it tells the number of the line and nothing of its content
 */
export function parseAuthorizedKeys(text: string): AuthorizedKey[] {
  const keys: AuthorizedKey[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const content = line.trim();
    if (content === '' || content.startsWith('#')) continue;
    const key = keyOf(content) ?? keyOf(content.slice(endOfOptions(content)).trimStart());
    if (key === undefined) throw new Error(`line ${index + 1} has no public key`);
    keys.push(key);
  }
  return keys;
}

/** `<type> <base64> …`; the type stands in the key too. */
function keyOf(line: string): AuthorizedKey | undefined {
  const [type, encoded] = line.split(/\s+/, 2);
  if (!type || !encoded || !/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return undefined;
  const blob = Buffer.from(encoded, 'base64');
  try {
    return wireReader(blob).text() === type ? { type, blob } : undefined;
  } catch {
    return undefined;
  }
}

/** Options end at the first blank that is not in quotes; a quote in quotes is written `\"`. */
function endOfOptions(line: string): number {
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    if (line[i] === '"' && line[i - 1] !== '\\') quoted = !quoted;
    else if (!quoted && /\s/.test(line[i]!)) return i;
  }
  return line.length;
}

/** `SHA256:<base64 without padding>` (SRC-300). */
export function fingerprintOf({ blob }: AuthorizedKey): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

/** Name of the curve in SSH, in JWK, and the bytes of a coordinate. */
export const curves: Record<string, { jwk: string; size: number; hash: string }> = {
  nistp256: { jwk: 'P-256', size: 32, hash: 'sha256' },
  nistp384: { jwk: 'P-384', size: 48, hash: 'sha384' },
  nistp521: { jwk: 'P-521', size: 66, hash: 'sha512' },
};

/**
 * The key for node:crypto; undefined for a type that is not supported (SRC-301).
 *
 * @throws Error when the key is damaged
 */
export function publicKeyOf({ type, blob }: AuthorizedKey): KeyObject | undefined {
  const reader = wireReader(blob);
  reader.string();
  const jwk = readKey(type, reader);
  if (jwk === undefined) return undefined;
  reader.end();
  return createPublicKey({ key: jwk, format: 'jwk' });
}

function readKey(type: string, reader: ReturnType<typeof wireReader>): JsonWebKey | undefined {
  if (type === 'ssh-ed25519') return { kty: 'OKP', crv: 'Ed25519', x: reader.string().toString('base64url') };
  if (type === 'ssh-rsa') {
    const e = reader.integer().toString('base64url');
    return { kty: 'RSA', e, n: reader.integer().toString('base64url') };
  }
  const curve = curves[type.replace('ecdsa-sha2-', '')];
  if (curve === undefined) return undefined;
  reader.string();
  const point = wireReader(reader.string());
  if (point.bytes(1)[0] !== 4) throw new RangeError('the point is not in the uncompressed form');
  const coordinate = () => point.bytes(curve.size).toString('base64url');
  const key = { kty: 'EC', crv: curve.jwk, x: coordinate(), y: coordinate() };
  point.end();
  return key;
}
