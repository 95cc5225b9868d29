/** Where things are in the Kubernetes REST API. */
import { apiVersionOf, type ResourceType } from '@gitops-toolkit/api';
import { ApiError } from '../errors.ts';

/** `/api/v1`, or `/apis/GROUP/VERSION`. */
export function versionPath(type: { group: string; version: string }): string {
  return `${type.group === '' ? '/api' : '/apis'}/${apiVersionOf(type)}`;
}

/** Path of the objects of a kind: in one namespace, or everywhere. A namespace of a cluster-scoped kind is ignored. */
export function collectionPath(type: ResourceType, namespace?: string): string {
  const scope = type.namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${versionPath(type)}${scope}/${type.plural}`;
}

/**
 * Path of one object.
 * @throws ApiError `BadRequest` without a name, or without a namespace that the kind needs: such a path would mean
 * something else.
 */
export function objectPath(
  type: ResourceType,
  key: { namespace?: string; name?: string },
  method: string,
  subresource?: string,
): string {
  const missing = !key.name ? 'name' : type.namespaced && !key.namespace ? 'namespace' : undefined;
  if (missing) {
    const what = `${type.kind}${key.name ? ` "${key.name}"` : ''}`;
    const message = `cannot ${method} ${what}: a ${missing} is needed`;
    const status = { status: 'Failure' as const, code: 400, reason: 'BadRequest', message };
    throw new ApiError({ status, method, path: collectionPath(type, key.namespace) });
  }
  const path = `${collectionPath(type, key.namespace)}/${encodeURIComponent(key.name as string)}`;
  return subresource ? `${path}/${subresource}` : path;
}

/** A query string, with its question mark unless it is empty; undefined values are left out. */
export function queryString(query: Record<string, string | number | boolean | undefined>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  if (given.length === 0) return '';
  return `?${given.map(([key, value]) => `${key}=${encodeURIComponent(value as string)}`).join('&')}`;
}
