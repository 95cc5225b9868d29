/** The kubeconfig of a remote cluster in a Secret (RTM-280, KUS-345). */
import { keyText, type KubeObject } from '@gitops-toolkit/api';
import { KubeConfigError } from '../errors.ts';

/** Where a kubeconfig is looked for when no key is given, in this order. */
const usualKeys = ['value', 'value.yaml'];

/**
 * The text of a kubeconfig that a Secret holds. Do not trust it: see `sanitizedConfig`.
 * @param key `secretRef.key`; the usual keys are not tried in its place.
 * @throws KubeConfigError naming the Secret and the key that is missing.
 */
export function kubeconfigOfSecret(secret: KubeObject & { data?: Record<string, string> }, key?: string): string {
  const found = (key ? [key] : usualKeys).find((name) => secret.data?.[name] !== undefined);
  if (found === undefined) {
    const wanted = key || usualKeys[0];
    throw new KubeConfigError(
      `KubeConfig secret '${keyText(secret.metadata)}' does not contain a '${wanted}' key with a kubeconfig`,
    );
  }
  return Buffer.from(secret.data?.[found] ?? '', 'base64').toString('utf8');
}
