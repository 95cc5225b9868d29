/** Access by cloud identity that this version cannot give. */
export class UnsupportedIdentityError extends Error {
  readonly provider: string;

  constructor(provider: string) {
    super(`authentication by workload identity at provider '${provider}' is not supported; use a secretRef instead`);
    this.name = 'UnsupportedIdentityError';
    this.provider = provider;
  }
}

/** What a cloud token is asked for. */
export interface IdentityRequest {
  /** `aws`, `azure`, `gcp` or `generic`. */
  provider: string;
  serviceAccount?: { namespace: string; name: string };
  audiences?: string[];
}

/**
 * An access token for a cloud provider.
 *
 * @throws UnsupportedIdentityError always, as no provider is supported
 */
export async function identityToken(request: IdentityRequest, _options: { signal: AbortSignal }): Promise<never> {
  throw new UnsupportedIdentityError(request.provider);
}
