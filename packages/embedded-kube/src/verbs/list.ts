import { schema } from '@gitops-toolkit/api';
import type { Resource } from '../resource/resource.ts';
import { badRequest, expired, invalidOptions, StatusError } from '../status/errors.ts';
import type { Collection, Stored } from '../store/collection.ts';
import type { Matcher } from '../store/selectors.ts';
import type { Cluster } from './cluster.ts';

export interface ListRequest {
  namespace: string | undefined;
  matches: Matcher | undefined;
  limit: number;
  continueToken: string | undefined;
  resourceVersion: string | undefined;
  resourceVersionMatch: string | undefined;
}

export interface ListPage {
  items: Stored[];
  resourceVersion: string;
  /** Set when more is to come. */
  continueToken?: string;
  remainingItemCount?: number;
}

/** A list, or a page of one. All pages of a list show the collection at one revision. Throws 400 and 410. */
export function list(cluster: Cluster, resource: Resource, request: ListRequest): ListPage {
  const collection = cluster.store.collection(resource.collection);
  const token = request.continueToken ? readToken(request.continueToken) : undefined;
  if (token !== undefined && request.resourceVersion && request.resourceVersion !== '0') {
    throw badRequest('specifying resource version is not allowed when using continue');
  }
  const revision = token?.revision ?? revisionFor(cluster, request);
  const { keys, get } = contentsAt(collection, revision, cluster.store.revision);
  const items: Stored[] = [];
  const prefix = request.namespace === undefined ? '' : `${request.namespace}/`;
  let next: string | undefined;
  let remaining = 0;
  for (let i = firstAfter(keys, token?.after ?? prefix, token !== undefined); i < keys.length; i++) {
    const key = keys[i]!;
    if (!key.startsWith(prefix)) break;
    const stored = get(key)!;
    if (request.matches !== undefined && !request.matches(stored.object)) continue;
    if (request.limit > 0 && items.length === request.limit) {
      remaining++;
      continue;
    }
    items.push(stored);
    next = key;
  }
  const page: ListPage = { items, resourceVersion: String(revision) };
  if (remaining > 0) {
    page.continueToken = writeToken({ revision, after: next! });
    // With a selector the API server does not know how many remain.
    if (request.matches === undefined) page.remainingItemCount = remaining;
  }
  return page;
}

interface RevisionOptions {
  resourceVersion: string | undefined;
  resourceVersionMatch: string | undefined;
  sendInitialEvents?: boolean | undefined;
}

/** Which revision options go together. Throws 422. */
export function checkRevisionOptions(options: RevisionOptions, watching: boolean): void {
  const { resourceVersion, resourceVersionMatch: match, sendInitialEvents } = options;
  const at = 'resourceVersionMatch';
  const issues: schema.Issue[] = [];
  if (watching && sendInitialEvents !== undefined) {
    if (match !== 'NotOlderThan')
      issues.push(schema.forbidden(at, `sendInitialEvents requires setting ${at} to NotOlderThan`));
    if (match && match !== 'NotOlderThan') issues.push(schema.notSupported(at, match, ['NotOlderThan']));
  } else if (watching) {
    if (match) issues.push(schema.forbidden(at, `${at} is forbidden for watch unless sendInitialEvents is provided`));
  } else {
    if (sendInitialEvents !== undefined)
      issues.push(schema.forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
    if (match && !resourceVersion)
      issues.push(schema.forbidden(at, `${at} is forbidden unless resourceVersion is provided`));
    if (match && !['Exact', 'NotOlderThan'].includes(match))
      issues.push(schema.notSupported(at, match, ['Exact', 'NotOlderThan', '']));
    if (match === 'Exact' && resourceVersion === '0')
      issues.push(schema.forbidden(at, `${at} "exact" is forbidden for resourceVersion "0"`));
  }
  if (issues.length > 0) throw invalidOptions('ListOptions', ...issues);
}

function revisionFor(cluster: Cluster, request: ListRequest): number {
  const current = cluster.store.revision;
  const { resourceVersion, resourceVersionMatch } = request;
  if (!resourceVersion || resourceVersion === '0') return current;
  const wanted = parseRevision(resourceVersion);
  if (wanted > current) {
    const message = `Too large resource version: ${wanted}, current: ${current}`;
    throw new StatusError(504, 'Timeout', `Timeout: ${message}`, {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    });
  }
  return resourceVersionMatch === 'Exact' ? wanted : current;
}

/** Throws 400 for what is no revision. */
export function parseRevision(text: string): number {
  if (!/^\d{1,16}$/.test(text))
    throw badRequest(
      `invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  return Number(text);
}

function contentsAt(
  collection: Collection,
  revision: number,
  current: number,
): { keys: readonly string[]; get: (key: string) => Stored | undefined } {
  if (revision >= current) return { keys: collection.keys(), get: (key) => collection.get(key) };
  const snapshot = collection.snapshot(revision);
  if (snapshot === undefined)
    throw expired(
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
    );
  return { keys: [...snapshot.keys()].sort(), get: (key) => snapshot.get(key) };
}

/** Index of the first key from `start` on (or after it). */
function firstAfter(keys: readonly string[], start: string, exclusive: boolean): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const key = keys[middle]!;
    if (key < start || (exclusive && key === start)) low = middle + 1;
    else high = middle;
  }
  return low;
}

interface Token {
  revision: number;
  after: string;
}

function writeToken(token: Token): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: token.revision, start: token.after })).toString(
    'base64url',
  );
}

function readToken(text: string): Token {
  try {
    const { rv, start } = JSON.parse(Buffer.from(text, 'base64url').toString()) as { rv: unknown; start: unknown };
    if (typeof rv === 'number' && typeof start === 'string') return { revision: rv, after: start };
  } catch {
    // Reported below.
  }
  const content = Buffer.from(text, 'base64url').toString('latin1');
  const problem = `invalid character '${content[0] ?? ''}' looking for beginning of value`;
  throw badRequest(`invalid continue token: continue key is not valid: ${problem}`);
}
