/** Signatures in OpenSSH's SSHSIG format. */
import { createHash, verify } from 'node:crypto';
import { armoredBlocks } from './armor.ts';
import { curves, fingerprintOf, parseAuthorizedKeys, publicKeyOf, type AuthorizedKey } from './authorized-keys.ts';
import { SignatureError } from './errors.ts';
import { wireReader, wireString } from './wire.ts';

/** The fields of a signature. */
interface SshSignature {
  publicKey: Buffer;
  namespace: string;
  reserved: Buffer;
  hash: string;
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, `rsa-sha2-512` … */
  algorithm: string;
  value: Buffer;
}

const magic = 'SSHSIG';

/**
 * Verifies a signature against authorized_keys texts (SRC-300); returns the fingerprint of the key that made it. A text
 * with a bad line counts as a whole as unreadable, and the others are still tried.
 *
 * @throws SignatureError
 */
export function verifySsh(signature: string, payload: Uint8Array, authorizedKeys: readonly string[]): string {
  const parsed = unarmor(signature);
  const { keys, problem } = readAll(authorizedKeys);
  if (keys === undefined) {
    throw new SignatureError(`unable to parse authorized keys: ${problem}`);
  }
  const key = keys.find(({ blob }) => blob.equals(parsed.publicKey));
  const reason = key === undefined ? 'no matching key' : refusal(parsed, payload, key);
  if (reason === undefined) return fingerprintOf(key!);
  throw new SignatureError(`unable to verify payload with any of the given authorized keys: ${reason}`);
}

function readAll(texts: readonly string[]): { keys?: AuthorizedKey[]; problem?: string } {
  const readable: AuthorizedKey[][] = [];
  let problem: string | undefined;
  for (const text of texts) {
    try {
      readable.push(parseAuthorizedKeys(text));
    } catch (error) {
      problem ??= (error as Error).message;
    }
  }
  return readable.length === 0 && problem !== undefined ? { problem } : { keys: readable.flat() };
}

function unarmor(signature: string): SshSignature {
  try {
    const [block] = armoredBlocks(signature, 'SSH SIGNATURE');
    if (block === undefined) throw new Error('the armor has no end');
    const encoded = block.split('\n').slice(1, -2).join('');
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) throw new Error('the armor does not hold base64');
    return parse(Buffer.from(encoded, 'base64'));
  } catch (error) {
    throw new SignatureError(`unable to unarmor SSH signature: ${(error as Error).message}`, { cause: error });
  }
}

function parse(data: Buffer): SshSignature {
  const reader = wireReader(data);
  if (reader.bytes(magic.length).toString('latin1') !== magic) throw new Error('this is not an SSH signature');
  const version = reader.number();
  if (version !== 1) throw new Error(`version ${version} of the format is not known`);
  const publicKey = reader.string();
  const namespace = reader.text();
  const reserved = reader.string();
  const hash = reader.text();
  const inner = wireReader(reader.string());
  reader.end();
  const parsed = { publicKey, namespace, reserved, hash, algorithm: inner.text(), value: inner.string() };
  inner.end();
  return parsed;
}

/** Why the signature is not one of this key over this payload; undefined when it is. */
function refusal(signature: SshSignature, payload: Uint8Array, key: AuthorizedKey): string | undefined {
  const { namespace, hash } = signature;
  if (namespace !== 'git') return `the signature is for the namespace '${printable(namespace)}', not for 'git'`;
  if (hash !== 'sha256' && hash !== 'sha512') return `unsupported hash algorithm '${printable(hash)}'`;
  const message = Buffer.concat([
    Buffer.from(magic),
    wireString(namespace),
    wireString(signature.reserved),
    wireString(hash),
    wireString(createHash(hash).update(payload).digest()),
  ]);
  try {
    return checkWith(key, signature, message);
  } catch (error) {
    return `the key ${fingerprintOf(key)} or the signature is damaged: ${(error as Error).message}`;
  }
}

function checkWith(key: AuthorizedKey, { algorithm, value }: SshSignature, message: Buffer): string | undefined {
  const publicKey = publicKeyOf(key);
  if (publicKey === undefined) return `unsupported key type '${key.type}'`;
  const wrong = 'the signature does not match the payload';
  if (key.type === 'ssh-rsa') {
    // RSA with SHA-1, which is what `ssh-rsa` means as the name of a signature, is forgeable.
    const hash = { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' }[algorithm];
    if (hash === undefined) return `unsupported signature algorithm '${printable(algorithm)}'`;
    return verify(hash, message, publicKey, value) ? undefined : wrong;
  }
  if (algorithm !== key.type) return `the key is of type '${key.type}', the signature '${printable(algorithm)}'`;
  if (key.type === 'ssh-ed25519') return verify(null, message, publicKey, value) ? undefined : wrong;
  const { size, hash } = curves[key.type.replace('ecdsa-sha2-', '')]!;
  const reader = wireReader(value);
  const padded = [reader.integer(), reader.integer()].map((part) =>
    Buffer.concat([Buffer.alloc(Math.max(0, size - part.length)), part]),
  );
  reader.end();
  const options = { key: publicKey, dsaEncoding: 'ieee-p1363' as const };
  return verify(hash, message, options, Buffer.concat(padded)) ? undefined : wrong;
}

/** Part of a signature that anybody may have made, fit for a message. */
const printable = (text: string) => text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 64);
