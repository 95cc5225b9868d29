import { type ResourceType } from '@gitops-toolkit/api';
import { SecretNotFoundError, type Secret } from '@gitops-toolkit/auth';
import { isNotFound } from '@gitops-toolkit/kube';
import type { ReconcileContext } from '@gitops-toolkit/runtime';
import type { StoredSource } from './storage.ts';

const secrets: ResourceType = { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true };

/**
 * A Secret that a source refers to: always of the source's own namespace (SRC-415), always as the API server has it now
 * (SRC-416).
 *
 * @throws SecretNotFoundError
 */
export async function readSecret<T extends StoredSource>(
  { client, object, signal }: ReconcileContext<T>,
  name: string,
): Promise<Secret> {
  const key = { namespace: object.metadata.namespace, name };
  try {
    return await client.get<Secret>(secrets, key, { signal });
  } catch (error) {
    if (isNotFound(error)) throw new SecretNotFoundError(key, { cause: error });
    throw error;
  }
}
