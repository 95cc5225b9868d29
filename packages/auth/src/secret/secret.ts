import type { KubeObject } from '@gitops-toolkit/api';

/** A core/v1 Secret as the API server answers it: values in base64. */
export interface Secret extends KubeObject {
  type?: string;
  data?: Record<string, string>;
}

/** A Secret with these keys; for tests and for writing. Texts are taken as UTF-8. */
export function makeSecret(
  key: { namespace: string; name: string },
  values: Record<string, string | Uint8Array>,
  type?: string,
): Secret {
  const data = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, Buffer.from(value).toString('base64')]),
  );
  return { apiVersion: 'v1', kind: 'Secret', metadata: { ...key }, ...(type ? { type } : {}), data };
}

/** The bytes under a key; undefined when the key is absent. An empty value is not absent. */
export function secretBytes(secret: Secret, key: string): Buffer | undefined {
  const value = secret.data && Object.hasOwn(secret.data, key) ? secret.data[key] : undefined;
  return value === undefined ? undefined : Buffer.from(value, 'base64');
}

/** The value under a key as UTF-8 text; undefined when the key is absent. */
export function secretText(secret: Secret, key: string): string | undefined {
  return secretBytes(secret, key)?.toString('utf8');
}

/** @throws SecretKeyError the key is absent */
export function requireText(secret: Secret, key: string): string {
  const value = secretText(secret, key);
  if (value === undefined) throw new SecretKeyError(secret, key);
  return value;
}

/** `<ns>/<name>`: how messages name a Secret (RTM-299). */
export function secretName(secret: Secret): string {
  return `${secret.metadata.namespace ?? ''}/${secret.metadata.name}`;
}

/** A required key is absent. */
export class SecretKeyError extends Error {
  readonly key: string;

  constructor(secret: Secret, key: string) {
    super(`secret '${secretName(secret)}': key '${key}' not found`);
    this.name = 'SecretKeyError';
    this.key = key;
  }
}

/** The keys are there, but their values (or their combination) cannot be used. Never quotes a value. */
export class SecretFormatError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SecretFormatError';
  }
}

/** The Secret does not exist (RTM-299). */
export class SecretNotFoundError extends Error {
  constructor(key: { namespace?: string; name: string }, options?: ErrorOptions) {
    super(`secret '${key.namespace ?? ''}/${key.name}' not found`, options);
    this.name = 'SecretNotFoundError';
  }
}
