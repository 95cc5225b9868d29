import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { blake3 } from '@noble/hashes/blake3.js';
import { DigestError } from '../errors.ts';

/** Algorithms an artifact digest may use (SRC-387). `sha1` is accepted for old artifacts only. */
export const digestAlgorithms = ['sha256', 'sha384', 'sha512', 'blake3', 'sha1'] as const;

/** One of {@link digestAlgorithms}. */
export type DigestAlgorithm = (typeof digestAlgorithms)[number];

/** A digest taken apart. `hex` is in lower case. */
export interface Digest {
  algorithm: DigestAlgorithm;
  hex: string;
}

/** Incremental hashing; `text()` gives `algorithm:hex` and ends the use of the hasher. */
export interface Hasher {
  update(chunk: Uint8Array): void;
  text(): string;
}

const hexLength: Record<DigestAlgorithm, number> = { sha256: 64, sha384: 96, sha512: 128, blake3: 64, sha1: 40 };

// The shape that the API accepts for `status.artifact.digest` (SRC-61).
const shape = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/;

/** Whether `name` is an algorithm of {@link digestAlgorithms}. */
export function isDigestAlgorithm(name: string): name is DigestAlgorithm {
  return (digestAlgorithms as readonly string[]).includes(name);
}

/**
 * Reads `algorithm:hex`. A bare text of 64 hex digits is a SHA-256 checksum (RTM-254, RTM-546).
 *
 * @throws DigestError `Empty`, `Malformed` or `UnsupportedAlgorithm`.
 */
export function parseDigest(text: string): Digest {
  if (text === '') throw new DigestError('Empty', 'artifact has no digest');
  if (/^[0-9a-fA-F]{64}$/.test(text)) return { algorithm: 'sha256', hex: text.toLowerCase() };
  if (!shape.test(text)) throw malformed(text);
  const colon = text.indexOf(':');
  const algorithm = text.slice(0, colon);
  const hex = text.slice(colon + 1);
  if (!isDigestAlgorithm(algorithm)) {
    throw new DigestError(
      'UnsupportedAlgorithm',
      `failed to parse artifact digest '${text}': unsupported digest algorithm`,
    );
  }
  if (hex.length !== hexLength[algorithm] || !/^[0-9a-f]+$/.test(hex)) throw malformed(text);
  return { algorithm, hex };
}

const malformed = (text: string) =>
  new DigestError('Malformed', `failed to parse artifact digest '${text}': invalid checksum digest format`);

/** Starts hashing with `algorithm`. */
export function createHasher(algorithm: DigestAlgorithm): Hasher {
  if (algorithm === 'blake3') {
    const state = blake3.create();
    return {
      update: (chunk) => void state.update(chunk),
      text: () => `blake3:${Buffer.from(state.digest()).toString('hex')}`,
    };
  }
  const state = createHash(algorithm);
  return { update: (chunk) => void state.update(chunk), text: () => `${algorithm}:${state.digest('hex')}` };
}

/** The digest (`algorithm:hex`) of all bytes of `content`, read chunk by chunk. */
export async function digestOf(
  content: Uint8Array | AsyncIterable<Uint8Array>,
  algorithm: DigestAlgorithm = 'sha256',
): Promise<string> {
  const hasher = createHasher(algorithm);
  if (content instanceof Uint8Array) hasher.update(content);
  else for await (const chunk of content) hasher.update(chunk);
  return hasher.text();
}

/** The digest of a file's bytes. */
export function digestOfFile(
  path: string,
  algorithm: DigestAlgorithm = 'sha256',
  options: { signal?: AbortSignal } = {},
): Promise<string> {
  return digestOf(createReadStream(path, { signal: options.signal, highWaterMark: 256 * 1024 }), algorithm);
}

/**
 * Checks content against an expected digest, in the algorithm that the digest names.
 *
 * @throws DigestError `Empty`, `Malformed`, `UnsupportedAlgorithm` or `Mismatch` (whose message has the expected digest).
 */
export async function verifyDigest(expected: string, content: Uint8Array | AsyncIterable<Uint8Array>): Promise<void> {
  const { algorithm, hex } = parseDigest(expected);
  if ((await digestOf(content, algorithm)) !== `${algorithm}:${hex}`) {
    throw new DigestError('Mismatch', `computed digest doesn't match '${expected}'`);
  }
}
