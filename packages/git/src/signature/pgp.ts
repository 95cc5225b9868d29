/** Detached OpenPGP signatures. */
import type * as Library from 'openpgp';
import type { Key, PartialConfig, Signature } from 'openpgp';
import { armoredBlocks } from './armor.ts';
import { SignatureError } from './errors.ts';

type OpenPgp = typeof Library;

/**
 * A key that was edited after it signed (to live longer, say) is often exported with its newest self-signature alone.
 * Such a key counts as what it is today; {@link refusal} asks for that in any case.
 */
const config: PartialConfig = { allowInsecureVerificationWithReformattedKeys: true };

/**
 * Verifies a signature against armored key rings, one by one (SRC-299); returns the id of the primary key whose key, or
 * subkey, made it. The keys must be valid now: a signature by a key that has expired or was revoked since does not count.
 *
 * @throws SignatureError
 */
export async function verifyPgp(signature: string, payload: Uint8Array, keyRings: readonly string[]): Promise<string> {
  // Loaded by those only who use it: it is large.
  const openpgp = await import('openpgp');
  const parsed = await readSignature(openpgp, signature);
  let unreadable: unknown;
  let readable = 0;
  let reason = 'no matching key';
  for (const ring of keyRings) {
    const keys = await readKeyRing(openpgp, ring).catch((error: unknown) => void (unreadable ??= error));
    if (keys === undefined) continue;
    readable++;
    for (const key of keys.filter((candidate) => mayHaveMade(candidate, parsed))) {
      const id = key.getKeyID().toHex().toUpperCase();
      const refused = await refusal(openpgp, parsed, payload, key);
      if (refused === undefined) return id;
      reason = `key '${id}': ${refused}`;
    }
  }
  if (readable === 0 && unreadable !== undefined) {
    const text = `unable to read armored key ring: ${(unreadable as Error).message}`;
    throw new SignatureError(text, { cause: unreadable });
  }
  throw new SignatureError(`unable to verify payload with any of the given key rings: ${reason}`);
}

async function readSignature({ readSignature: read }: OpenPgp, text: string): Promise<Signature> {
  try {
    const [armoredSignature] = armoredBlocks(text, 'PGP SIGNATURE');
    if (armoredSignature === undefined) throw new Error('the armor has no end');
    return await read({ armoredSignature, config });
  } catch (error) {
    const reason = `the signature is damaged: ${(error as Error).message}`;
    throw new SignatureError(`unable to verify payload with any of the given key rings: ${reason}`, { cause: error });
  }
}

async function readKeyRing({ readKeys }: OpenPgp, ring: string): Promise<Key[]> {
  const blocks = ['PGP PUBLIC KEY BLOCK', 'PGP PRIVATE KEY BLOCK'].flatMap((label) => armoredBlocks(ring, label));
  if (blocks.length === 0) throw new Error('there is no armored key in it');
  const keys: Key[] = [];
  for (const armoredKeys of blocks) keys.push(...(await readKeys({ armoredKeys, config })));
  return keys;
}

const mayHaveMade = (key: Key, signature: Signature): boolean =>
  signature.getSigningKeyIDs().some((id) => key.getKeys(id).length > 0);

/** Why a signature does not count as one by this key; undefined when it does. */
async function refusal(
  { createMessage, verify }: OpenPgp,
  signature: Signature,
  payload: Uint8Array,
  key: Key,
): Promise<string | undefined> {
  const message = await createMessage({ binary: payload });
  const { signatures } = await verify({ message, signature, verificationKeys: key, config });
  let reason: string | undefined;
  for (const { keyID, verified } of signatures) {
    try {
      await verified;
      // The library is content with a key that was valid when it signed.
      await key.getSigningKey(keyID, new Date());
      return undefined;
    } catch (error) {
      if (key.getKeys(keyID).length > 0) reason = (error as Error).message;
    }
  }
  return reason ?? 'it has not signed this';
}
