/** The thread that decrypts a private key. */
import { createPrivateKey } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import ssh2 from 'ssh2';

/** What the thread is given. */
export interface EncryptedKey {
  identity: string;
  passphrase: string;
}

/** What it answers: the key without encryption, or nothing when the passphrase does not fit. */
export interface DecryptedKey {
  key?: string;
}

parentPort?.postMessage({ key: decrypt(workerData as EncryptedKey) } satisfies DecryptedKey);

function decrypt({ identity, passphrase }: EncryptedKey): string | undefined {
  try {
    if (!identity.includes('OPENSSH PRIVATE KEY')) {
      return createPrivateKey({ key: identity, passphrase }).export({ type: 'pkcs8', format: 'pem' }) as string;
    }
    const found = ssh2.utils.parseKey(identity, passphrase);
    return found instanceof Error ? undefined : found.getPrivatePEM();
  } catch {
    return undefined;
  }
}
