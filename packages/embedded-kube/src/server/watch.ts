/** Watches: a stream of one JSON object per line. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Resource } from '../resource/resource.ts';
import { expired, StatusError } from '../status/errors.ts';
import { type Change, type ChangeType, type Collection, Stored } from '../store/collection.ts';
import type { Matcher } from '../store/selectors.ts';
import { type Include, partialMetadata, table } from '../table/table.ts';
import type { Cluster } from '../verbs/cluster.ts';
import { checkRevisionOptions } from '../verbs/list.ts';
import type { Accepted } from './accept.ts';

export interface WatchRequest {
  namespace: string | undefined;
  matches: Matcher | undefined;
  resourceVersion: string | undefined;
  resourceVersionMatch: string | undefined;
  bookmarks: boolean;
  sendInitialEvents: boolean | undefined;
  /** Seconds after which the server ends the watch. */
  timeoutSeconds: number | undefined;
  accepted: Accepted;
  include: Include;
}

/** Time between bookmarks of an idle watch, in milliseconds. */
const bookmarkInterval = 60_000;
/** A client this many bytes behind is cut off: it resumes from where it got to. */
const backlogLimit = 32 * 1024 * 1024;

const initialEventsEnd = 'k8s.io/initial-events-end';

/** Streams changes until the client or the server ends it. Throws 410 before the first byte when it asks for too old a revision. */
export function serveWatch(
  cluster: Cluster,
  resource: Resource,
  watch: WatchRequest,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  checkRevisionOptions(watch, true);
  const collection = cluster.store.collection(resource.collection);
  const fromNow = !watch.resourceVersion || watch.resourceVersion === '0';
  const since = fromNow ? cluster.store.revision : watchRevision(watch.resourceVersion!);
  const initial = watch.sendInitialEvents ?? (fromNow && watch.resourceVersionMatch === undefined);
  const missed = initial ? [] : collection.since(since);
  if (missed === undefined) throw expired(`too old resource version: ${since} (${collection.oldestRevision})`);

  response.writeHead(200, {
    'Content-Type': watch.accepted.yaml ? 'application/yaml' : 'application/json',
    'Transfer-Encoding': 'chunked',
    'Cache-Control': 'no-cache, private',
  });
  response.flushHeaders();
  const write = (line: string) => {
    if (response.writableLength > backlogLimit) response.destroy();
    else response.write(line);
  };
  const print = eventPrinter(resource, watch);
  let sent = since;
  const deliver = (change: Change) => {
    sent = change.revision;
    const event = visibleChange(change, watch);
    if (event !== undefined) write(print(event.type, event.stored));
  };

  if (initial) sendInitial(cluster, resource, collection, watch, print, write);
  for (const change of missed) deliver(change);
  const stop = collection.watch(deliver, () => response.end());
  const bookmark = () => write(bookmarkLine(resource, Math.max(sent, cluster.store.revision), watch));
  const timer = watch.bookmarks ? setInterval(bookmark, bookmarkInterval) : undefined;
  const limit = Math.min(watch.timeoutSeconds ?? 1800 + Math.random() * 1800, 86_400);
  const deadline = setTimeout(() => {
    // A last bookmark spares the client a relist.
    if (watch.bookmarks) bookmark();
    response.end();
  }, limit * 1000);
  const cleanUp = () => {
    stop();
    clearInterval(timer);
    clearTimeout(deadline);
  };
  response.on('close', cleanUp);
  request.on('error', cleanUp);
}

/** Unlike a list, a watch takes what is no revision for a failure of the server. */
function watchRevision(text: string): number {
  if (/^\d{1,16}$/.test(text)) return Number(text);
  const quoted = JSON.stringify(text);
  const problem = `strconv.ParseUint: parsing ${quoted}: invalid syntax`;
  throw new StatusError(500, '', `resourceVersion: Invalid value: ${quoted}: ${problem}`);
}

function sendInitial(
  cluster: Cluster,
  resource: Resource,
  collection: Collection,
  watch: WatchRequest,
  print: (type: ChangeType, stored: Stored) => string,
  write: (line: string) => void,
): void {
  const prefix = watch.namespace === undefined ? '' : `${watch.namespace}/`;
  for (const key of collection.keys()) {
    const stored = collection.get(key)!;
    if (key.startsWith(prefix) && (watch.matches === undefined || watch.matches(stored.object)))
      write(print('ADDED', stored));
  }
  if (watch.sendInitialEvents && watch.bookmarks) {
    write(bookmarkLine(resource, cluster.store.revision, watch, { annotations: { [initialEventsEnd]: 'true' } }));
  }
}

/** What a change looks like through the watch's selectors: an object that begins to match appears, one that ceases to vanishes. */
function visibleChange(change: Change, watch: WatchRequest): { type: ChangeType; stored: Stored } | undefined {
  if (watch.namespace !== undefined && change.stored.object.metadata.namespace !== watch.namespace) return undefined;
  const matches = watch.matches;
  if (matches === undefined) return change;
  const before = change.previous !== undefined && matches(change.previous.object);
  const now = change.type !== 'DELETED' && matches(change.stored.object);
  if (!before && !now) return undefined;
  if (now) return { type: before ? 'MODIFIED' : 'ADDED', stored: change.stored };
  // It vanishes as it was when it matched, at the revision of the change.
  const { object } = change.previous!;
  const metadata = { ...object.metadata, resourceVersion: String(change.revision) };
  return { type: 'DELETED', stored: new Stored({ ...object, metadata }, change.revision) };
}

function eventPrinter(resource: Resource, watch: WatchRequest): (type: ChangeType, stored: Stored) => string {
  const { form, version } = watch.accepted;
  if (form === 'object') return (type, stored) => `{"type":"${type}","object":${stored.text(resource.apiVersion)}}\n`;
  if (form === 'metadata')
    return (type, stored) => `${JSON.stringify({ type, object: partialMetadata(stored.object, version) })}\n`;
  let first = true;
  return (type, stored) => {
    const metadata = { resourceVersion: stored.object.metadata.resourceVersion };
    const line = JSON.stringify({ type, object: table(resource, [stored.object], metadata, watch.include, first) });
    first = false;
    return `${line}\n`;
  };
}

function bookmarkLine(resource: Resource, revision: number, watch: WatchRequest, extra: object = {}): string {
  const metadata = { resourceVersion: String(revision), creationTimestamp: null, ...extra };
  const { form, version } = watch.accepted;
  const object =
    form === 'table'
      ? table(resource, [], metadata, 'None')
      : form === 'metadata'
        ? { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata }
        : { kind: resource.kind, apiVersion: resource.apiVersion, metadata };
  return `${JSON.stringify({ type: 'BOOKMARK', object })}\n`;
}
