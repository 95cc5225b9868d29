/** The `auth-provider` entries of older kubeconfigs (`oidc` and its kin), by way of the official client. */
import type { AuthConfig, ClientConfig } from '../config/config.ts';
import { CredentialsError } from '../errors.ts';
import type { CredentialSource } from './credentials.ts';

/** Options that the official client fills in for a request. */
interface RequestOptions {
  headers?: Record<string, unknown>;
  cert?: unknown;
  key?: unknown;
}

/**
 * Credentials of an auth provider. The official client is loaded only when one is used: it takes a second and 90 MB.
 */
export function providerCredentials(
  provider: NonNullable<AuthConfig['provider']>,
  config: ClientConfig,
): CredentialSource {
  const load = async () => {
    const { KubeConfig } = await import('@kubernetes/client-node');
    const official = new KubeConfig();
    official.loadFromClusterAndUser(
      // Only its credentials are wanted; it insists on https for a connection that it never makes.
      { name: 'server', server: config.server.replace(/^http:/, 'https:'), skipTLSVerify: false },
      { name: 'user', authProvider: provider },
    );
    return official;
  };
  let loading: ReturnType<typeof load> | undefined;
  return {
    async current() {
      try {
        const official = await (loading ??= load());
        const options: RequestOptions = {};
        await official.applyToHTTPSOptions(options as Parameters<typeof official.applyToHTTPSOptions>[0]);
        const { authorization, Authorization = authorization } = options.headers ?? {};
        if (typeof Authorization !== 'string') throw new Error('it gave no token');
        return { authorization: Authorization };
      } catch (cause) {
        const message = `auth provider ${provider.name} of the kubeconfig failed: ${(cause as Error).message}`;
        throw new CredentialsError(message, { cause });
      }
    },
    refused: () => false,
  };
}
