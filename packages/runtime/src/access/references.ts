import { keyText } from '@gitops-toolkit/api';

/** A reference that is not allowed; carries the reason of the condition (RTM-82). */
export class AccessDeniedError extends Error {
  readonly reason = 'AccessDenied';

  constructor(message: string) {
    super(message);
    this.name = 'AccessDeniedError';
  }
}

/**
 * Refuses a reference into another namespace when `--no-cross-namespace-refs` is on (RTM-272).
 *
 * @throws AccessDeniedError
 */
export function checkCrossNamespace(
  reference: { kind: string; namespace?: string; name: string },
  fromNamespace: string,
  noCrossNamespaceRefs: boolean,
): void {
  if (!noCrossNamespaceRefs || !reference.namespace || reference.namespace === fromNamespace) return;
  const target = `${reference.kind}/${keyText(reference)}`;
  throw new AccessDeniedError(`can't access '${target}', cross-namespace references have been blocked`);
}

/** `spec.accessFrom` of an object that may be referred to (RTM-34). */
export interface AccessFrom {
  namespaceSelectors: { matchLabels?: Record<string, string> }[];
}

/**
 * Checks the access list of the referenced object (RTM-274, RTM-275, RTM-563).
 *
 * @param labels of the referring namespace
 * @throws AccessDeniedError
 */
export function checkAccessFrom(
  reference: { kind: string; namespace?: string; name: string; accessFrom?: AccessFrom },
  from: { namespace: string; labels: Record<string, string> },
): void {
  if (!reference.namespace || reference.namespace === from.namespace) return;
  const target = `${reference.kind}/${keyText(reference)}`;
  if (!reference.accessFrom)
    throw new AccessDeniedError(`'${target}' can't be accessed due to missing ACL labels on 'accessFrom'`);
  const matches = reference.accessFrom.namespaceSelectors.some(({ matchLabels = {} }) =>
    Object.entries(matchLabels).every(([key, value]) => from.labels[key] === value),
  );
  if (!matches)
    throw new AccessDeniedError(
      `'${target}' can't be accessed due to ACL labels mismatch on namespace '${from.namespace}'`,
    );
}
