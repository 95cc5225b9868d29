/** Who the client is, at the moment of a request. */
import type { AuthConfig, ClientConfig } from '../config/config.ts';
import { execCredentials } from './exec.ts';
import { providerCredentials } from './provider.ts';
import { tokenFileCredentials } from './token-file.ts';

/** What a request, or the connection below it, carries. */
export interface Credentials {
  /** Value of the `Authorization` header. */
  authorization?: string;
  /** Client certificate and key as PEM, when the source of credentials hands them out. */
  cert?: string;
  key?: string;
}

/** A source of credentials. It caches, so that asking before every request costs nothing. */
export interface CredentialSource {
  current(signal: AbortSignal): Promise<Credentials> | Credentials;
  /**
   * The server answered 401: forget what is cached.
   * @returns whether asking again may give something else, so that the request is worth another try.
   */
  refused(used: Credentials): boolean;
  /** Ends what is under way. */
  close?(): void;
}

/** The source for a configuration. */
export function credentialSource(config: ClientConfig): CredentialSource {
  const auth: AuthConfig = config.auth ?? {};
  if (auth.getToken) {
    const { getToken } = auth;
    return {
      current: async (signal) => ({ authorization: `Bearer ${await getToken(signal)}` }),
      refused: () => false,
    };
  }
  if (auth.token) return constant({ authorization: `Bearer ${auth.token}` });
  if (auth.tokenFile) return tokenFileCredentials(auth.tokenFile);
  if (auth.basic) {
    const { username, password } = auth.basic;
    return constant({ authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` });
  }
  if (auth.exec) return execCredentials(auth.exec, config);
  if (auth.provider) return providerCredentials(auth.provider, config);
  return constant({});
}

function constant(credentials: Credentials): CredentialSource {
  return { current: () => credentials, refused: () => false };
}
