import { createHash, createPrivateKey, type KeyObject } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import ssh2, { type ParsedKey } from 'ssh2';
import { InvalidOptionsError } from '../../errors.ts';
import type { DecryptedKey, EncryptedKey } from './decrypt.ts';

/**
 * Whether a private key, OpenSSH or PEM, is encrypted, so that it is of no use without its passphrase.
 */
export function isEncryptedIdentity(identity: string): boolean {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]+)-----END/.exec(identity)?.[1];
  if (body === undefined) return /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: *4,ENCRYPTED/m.test(identity);
  const blob = Buffer.from(body, 'base64');
  const start = 'openssh-key-v1\0'.length;
  // The name of the cipher comes first, after its length.
  return blob.length > start + 8 && blob.toString('latin1', start + 4, start + 8) !== 'none';
}

/**
 * Reads a private key: RSA, ECDSA or Ed25519, in the encodings of OpenSSH, PKCS#1, SEC 1 and PKCS#8, encrypted or not
 * (SRC-243). Decrypting is slow by design, so it is done in a thread and remembered.
 *
 * @throws InvalidOptionsError for a key that cannot be read, and for a wrong passphrase (SRC-244).
 */
export async function parseIdentity(
  identity: string,
  passphrase: string | undefined,
  signal: AbortSignal,
): Promise<ParsedKey> {
  if (!isEncryptedIdentity(identity)) return readKey(identity);
  if (!passphrase) throw new InvalidOptionsError('the SSH identity is encrypted, and there is no passphrase');
  return readKey(await decrypted({ identity, passphrase }, signal));
}

const types = ['ssh-rsa', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'ssh-ed25519'];

function readKey(text: string): ParsedKey {
  let found: ReturnType<typeof ssh2.utils.parseKey>;
  try {
    found = ssh2.utils.parseKey(text.includes('OPENSSH PRIVATE KEY') ? text : classicEncoding(text));
  } catch (error) {
    throw new InvalidOptionsError(`the SSH identity is not a private key in OpenSSH or PEM encoding`, { cause: error });
  }
  const key = Array.isArray(found) ? found[0] : found;
  if (key === undefined || key instanceof Error) {
    throw new InvalidOptionsError('the SSH identity cannot be read as a private key', { cause: key });
  }
  if (!key.isPrivateKey()) throw new InvalidOptionsError('the SSH identity is a public key, the private one is needed');
  if (!types.includes(key.type)) {
    throw new InvalidOptionsError(`the SSH identity is of type ${key.type}, use Ed25519, ECDSA or RSA`);
  }
  return key;
}

/** The same key in an encoding that the SSH library reads: it knows no PKCS#8. */
function classicEncoding(pem: string): string {
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType === 'rsa') return key.export({ type: 'pkcs1', format: 'pem' }) as string;
  if (key.asymmetricKeyType === 'ec') return key.export({ type: 'sec1', format: 'pem' }) as string;
  if (key.asymmetricKeyType === 'ed25519') return openSshEncoding(key);
  throw new Error(`keys of type ${key.asymmetricKeyType} cannot be used`);
}

/** An Ed25519 key as OpenSSH writes it, unencrypted. */
function openSshEncoding(key: KeyObject): string {
  const { d = '', x = '' } = key.export({ format: 'jwk' });
  const [seed, point] = [Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')];
  const number = (value: number) => Buffer.from([value >>> 24, value >>> 16, value >>> 8, value]);
  const field = (value: string | Buffer) => Buffer.concat([number(Buffer.byteLength(value)), Buffer.from(value)]);
  const publicKey = Buffer.concat([field('ssh-ed25519'), field(point)]);
  const fields = [number(0), number(0), publicKey, field(Buffer.concat([seed, point])), field('')];
  const plain = Buffer.concat(fields);
  const padding = Buffer.from(Array.from({ length: (8 - (plain.length % 8)) % 8 }, (_, i) => i + 1));
  const header = [Buffer.from('openssh-key-v1\0'), field('none'), field('none'), field(''), number(1)];
  const blob = Buffer.concat([...header, field(publicKey), field(Buffer.concat([plain, padding]))]);
  const lines = blob.toString('base64').match(/.{1,70}/g)!;
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n');
}

const capacity = 64;
const known = new Map<string, string>();

async function decrypted(key: EncryptedKey, signal: AbortSignal): Promise<string> {
  const id = createHash('sha256')
    .update(JSON.stringify([key.identity, key.passphrase]))
    .digest('hex');
  const text = known.get(id) ?? (await decrypt(key, signal));
  known.delete(id);
  known.set(id, text);
  if (known.size > capacity) known.delete(known.keys().next().value!);
  return text;
}

/** A key tells itself how much work its decryption is, so an abort ends the thread. */
async function decrypt(workerData: EncryptedKey, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const worker = new Worker(new URL('./decrypt.ts', import.meta.url), { workerData });
  const { promise, resolve, reject } = Promise.withResolvers<DecryptedKey>();
  const aborted = () => reject(signal.reason);
  signal.addEventListener('abort', aborted);
  worker
    .on('message', resolve)
    .on('error', reject)
    .on('exit', () => reject(new Error('the thread ended')));
  try {
    const { key } = await promise;
    if (key !== undefined) return key;
  } catch (error) {
    signal.throwIfAborted();
    throw new InvalidOptionsError('the SSH identity cannot be decrypted', { cause: error });
  } finally {
    signal.removeEventListener('abort', aborted);
    await worker.terminate();
  }
  throw new InvalidOptionsError('the SSH identity cannot be decrypted: the passphrase is wrong, or the key is damaged');
}
