import { signatureTypeOf } from './armor.ts';
import { SignatureError } from './errors.ts';
import type { SignedObject } from './payload.ts';
import { verifyPgp } from './pgp.ts';
import { verifySsh } from './ssh.ts';

/** Public keys whose signatures are trusted. */
export interface TrustedKeys {
  /** Armored PGP key rings. */
  pgp: readonly string[];
  /** Texts in the format of authorized_keys. */
  ssh: readonly string[];
}

/**
 * Verifies the signature of a commit or tag, PGP or SSH, by its own kind (SRC-295…303). Returns what names the key that
 * made it: the id of the primary PGP key in 16 hexadecimal digits, or the fingerprint of the SSH key.
 *
 * @param signed as a checkout tells it; undefined for an object that is not signed
 * @param object what it is, for messages
 * @throws SignatureError when it is not signed by one of the keys; the message says why not
 */
export async function verifySignature(
  signed: SignedObject | undefined,
  keys: TrustedKeys,
  object: 'commit' | 'tag',
): Promise<string> {
  const type = signatureTypeOf(signed?.signature);
  if (type !== 'openpgp' && type !== 'ssh') throw new SignatureError(`unsupported signature type: ${type}`);
  const { signature, payload } = signed!;
  if (type === 'openpgp') {
    demandKeys(keys.pgp, 'PGP signature detected but no PGP public keys found in secret (keys with .asc suffix)');
    return naming(`unable to verify Git ${object}`, () => verifyPgp(signature, payload, keys.pgp));
  }
  demandKeys(keys.ssh, 'SSH signature detected but no SSH public keys found in secret (keys with .sshpub suffix)');
  return naming(`unable to verify Git ${object} SSH signature`, async () => verifySsh(signature, payload, keys.ssh));
}

function demandKeys(keys: readonly string[], message: string): void {
  if (keys.length === 0) throw new SignatureError(message);
}

async function naming(attempt: string, verify: () => Promise<string>): Promise<string> {
  try {
    return await verify();
  } catch (error) {
    throw new SignatureError(`${attempt}: ${(error as Error).message}`, { cause: error });
  }
}
