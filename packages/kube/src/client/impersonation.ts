import type { Impersonation } from '../types.ts';

/** The headers of an identity to act as. Keys of `extra` are percent-encoded, as header names cannot hold all they may. */
export function impersonationHeaders(identity: Impersonation | undefined): Record<string, string | string[]> {
  if (!identity) return {};
  const headers: Record<string, string | string[]> = { 'impersonate-user': identity.user };
  if (identity.uid) headers['impersonate-uid'] = identity.uid;
  if (identity.groups?.length) headers['impersonate-group'] = identity.groups;
  for (const [key, values] of Object.entries(identity.extra ?? {})) {
    headers[`impersonate-extra-${encodeURIComponent(key.toLowerCase())}`] = values;
  }
  return headers;
}
