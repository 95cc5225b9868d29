/** What a request asks for, read from its method and path. */
export interface ApiPath {
  /** `v1` or `group/version`. */
  apiVersion: string;
  namespace?: string;
  plural: string;
  name?: string;
  subresource?: string;
  /** A watch in the old style: `/watch/` in the path. */
  watch: boolean;
}

/**
 * Splits `/api/v1/…` and `/apis/<group>/<version>/…`. Undefined for any other path, and for those that end at the
 * version. Throws `URIError` for broken escapes.
 */
export function parsePath(path: string): ApiPath | undefined {
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  let rest: string[];
  let apiVersion: string;
  if (parts[0] === 'api' && parts.length > 2) [apiVersion, rest] = [parts[1]!, parts.slice(2)];
  else if (parts[0] === 'apis' && parts.length > 3) [apiVersion, rest] = [`${parts[1]}/${parts[2]}`, parts.slice(3)];
  else return undefined;
  const watch = rest[0] === 'watch';
  if (watch) rest = rest.slice(1);
  // `namespaces/x/pods` is about pods; `namespaces/x` and its subresources are about the namespace.
  const own = ['status', 'finalize'];
  if (rest[0] === 'namespaces' && rest.length > 2 && !(apiVersion === 'v1' && own.includes(rest[2]!))) {
    return {
      apiVersion,
      namespace: rest[1],
      plural: rest[2]!,
      name: rest[3],
      subresource: rest.slice(4).join('/') || undefined,
      watch,
    };
  }
  return { apiVersion, plural: rest[0] ?? '', name: rest[1], subresource: rest.slice(2).join('/') || undefined, watch };
}
