/** A bearer token in a file that somebody else renews, as the kubelet does for ServiceAccount tokens. */
import { readFile } from 'node:fs/promises';
import { CredentialsError } from '../errors.ts';
import type { CredentialSource, Credentials } from './credentials.ts';

/** How long a token is used before the file is read again: the kubelet renews it long before it expires. */
const maxAgeMs = 60_000;

/** Reads the token once a minute, and at once after the server refused the last one. */
export function tokenFileCredentials(file: string, now: () => number = () => performance.now()): CredentialSource {
  let cached: Credentials | undefined;
  let readAt = -Infinity;
  let reading: Promise<Credentials> | undefined;

  async function read(): Promise<Credentials> {
    try {
      const token = (await readFile(file, 'utf8')).trim();
      if (token === '') throw new Error('the file is empty');
      if (cached?.authorization !== `Bearer ${token}`) cached = { authorization: `Bearer ${token}` };
      readAt = now();
      return cached;
    } catch (cause) {
      // A token that still works beats none: the file may be replaced this very moment.
      if (cached) return cached;
      throw new CredentialsError(`cannot read the token file ${file}: ${(cause as Error).message}`, { cause });
    } finally {
      reading = undefined;
    }
  }

  return {
    current: () => (cached && now() - readAt < maxAgeMs ? cached : (reading ??= read())),
    refused: (used) => {
      // One extra read for a token that the server no longer takes, not one for every request that follows.
      const fresh = used === cached && now() - readAt < 1_000;
      if (!fresh) readAt = -Infinity;
      return !fresh;
    },
  };
}
