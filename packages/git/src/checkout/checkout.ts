import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CorruptObjectsError, EmptyRepositoryError, ReferenceNotFoundError, RemoteError } from '../errors.ts';
import { fetchPack, type FetchRequest } from '../protocol/fetch.ts';
import { naming, rediscovering } from '../protocol/list-refs.ts';
import { readRefs, type RemoteRef } from '../protocol/refs.ts';
import { formatRevision, selectorOf, type GitReference, type Selector } from '../reference/reference.ts';
import { refPrefixes, resolveSelector, unknownCommit, type Resolution, type Target } from '../reference/resolve.ts';
import { openObjectStore, type ObjectCache, type ObjectStore } from '../store/store.ts';
import {
  openConnection,
  redactUrl,
  withDeadline,
  type GitConnection,
  type GitRemote,
  type OperationOptions,
} from '../transport/connection.ts';
import { type CommitMetadata, type TagMetadata } from './commit.ts';
import type { WrittenTree } from './job.ts';
import { checkOutSubmodules } from './submodules.ts';
import { runJob } from './thread.ts';

/** Options of {@link checkout}. */
export interface CheckoutOptions extends OperationOptions {
  /** Where the files go: a directory that is empty or does not exist. */
  directory: string;
  /** Keeps objects for the next time, so that a new commit costs what changed. Nothing is kept without it. */
  cache?: ObjectCache;
  /** Tells apart those who share a cache, for example `<namespace>/<name>` of an object. */
  cacheKey?: string;
  /** Largest packfile in bytes. Default 2 GiB. */
  maxPackSize?: number;
  /** Check out submodules too, and theirs, at most 10 levels deep (SRC-283). */
  recurseSubmodules?: boolean;
}

/** What was checked out. */
export interface Checkout {
  /** `<branch or tag or ref>@sha1:<commit>` or `sha1:<commit>` (SRC-267…275). */
  revision: string;
  commit: CommitMetadata;
  /** The tag it was reached through; `object` is there for an annotated one. */
  tag?: { name: string; object?: TagMetadata };
  /** Number of files and symlinks written, those of submodules included. */
  files: number;
}

/** Options of {@link peekRevision}. */
export interface PeekOptions extends OperationOptions {
  /** A revision that was checked out before. A commit pinned by it is taken to be still contained in its branch. */
  known?: string;
}

/**
 * The revision that a reference has now, by one listing of refs and without transferring objects; undefined when only
 * the objects can tell (a commit that is pinned for the first time and no branch points at, versions that differ in
 * build metadata alone).
 *
 * @throws GitError of the kind of failure, as {@link checkout}.
 */
export async function peekRevision(
  remote: GitRemote,
  reference: GitReference,
  options: PeekOptions = {},
): Promise<string | undefined> {
  const selector = selectorOf(reference);
  const what = `unable to list remote for '${redactUrl(remote.url)}'`;
  return withDeadline(what, options, (signal) =>
    connected(what, remote, signal, async (connection) => {
      const resolution = await resolve(connection, selector, signal);
      if (resolution.kind === 'newest') return undefined;
      const { revision } = resolution.target;
      return resolution.kind === 'commit' || revision === options.known ? revision : undefined;
    }),
  );
}

/**
 * Fetches what a reference means now, at depth 1, and writes its files into a directory (SRC-267…282). The CPU work runs
 * in a thread; an abort or the deadline ends it at once. When it fails, files written so far stay for the caller to remove.
 *
 * @throws EmptyRepositoryError for a repository without commits, AuthenticationError, RepositoryNotFoundError,
 * UnreachableHostError, CertificateError, TimeoutError, ReferenceNotFoundError, UnsafeTreeError, RemoteError …
 */
export async function checkout(
  remote: GitRemote,
  reference: GitReference,
  options: CheckoutOptions,
): Promise<Checkout> {
  const selector = selectorOf(reference);
  return withDeadline(cloning(remote), options, async (signal) => {
    const { gitlinks, ...done } = await connected(cloning(remote), remote, signal, async (connection) => {
      const context = { connection, remote, signal, options };
      const resolution = await resolve(connection, selector, signal);
      return inStore(context, async (store) => checkOut(context, await decide(context, resolution, store), store));
    });
    if (!options.recurseSubmodules) return done;
    const more = await naming(cloning(remote), () =>
      checkOutSubmodules(remote, options.directory, gitlinks, (submodule, commit, directory) =>
        checkOutCommit(submodule, commit, { ...options, directory }, signal),
      ),
    );
    return { ...done, files: done.files + more };
  });
}

const cloning = (remote: GitRemote) => `unable to clone '${redactUrl(remote.url)}'`;

interface Context {
  connection: GitConnection;
  remote: GitRemote;
  signal: AbortSignal;
  options: CheckoutOptions;
}

async function connected<T>(
  what: string,
  remote: GitRemote,
  signal: AbortSignal,
  work: (connection: GitConnection) => Promise<T>,
): Promise<T> {
  return naming(what, async () => {
    const connection = openConnection(remote, signal);
    try {
      return await work(connection);
    } finally {
      await connection.close();
    }
  });
}

/** Works with the kept objects of the remote, or with none. */
async function inStore<T>(context: Context, work: (store: ObjectStore) => Promise<T>): Promise<T> {
  const { remote, signal, options } = context;
  if (options.cache === undefined) return withTemporaryStore(work);
  const key = `${options.cacheKey ?? ''}\n${remote.url}`;
  return options.cache.use(key, signal, async (store) => {
    try {
      return await work(store);
    } catch (error) {
      // A crash may have left a store half written, and not every server sends what builds on what is here.
      if (!(error instanceof CorruptObjectsError)) throw error;
      await store.clear();
      await rm(options.directory, { recursive: true, force: true });
      return work(store);
    }
  });
}

/** Checks out a commit that a tree of another repository refers to, whether or not a ref leads to it. */
async function checkOutCommit(
  remote: GitRemote,
  commit: string,
  options: CheckoutOptions,
  signal: AbortSignal,
): Promise<WrittenTree> {
  return connected(cloning(remote), remote, signal, async (connection) => {
    const context = { connection, remote, signal, options };
    const target = { commit, revision: formatRevision(undefined, commit) };
    // Only listing refs finds out whether what is remembered of a server still holds.
    connection.forget();
    try {
      return await inStore(context, (store) => checkOut(context, target, store));
    } catch (error) {
      if (!(error instanceof ReferenceNotFoundError) || (await connection.discover()).version !== 0) throw error;
    }
    // Older servers give out only what a ref points at: with all of history, the commit comes along.
    return withTemporaryStore(async (store) => {
      const refs = await readRefs(connection, ['refs/heads/', 'refs/tags/']);
      const wants = [...new Set(refs.map(({ oid }) => oid))];
      try {
        return await checkOut(context, target, store, { wants });
      } catch (error) {
        throw error instanceof CorruptObjectsError ? unknownCommit(commit) : error;
      }
    });
  });
}

async function resolve(connection: GitConnection, selector: Selector, signal: AbortSignal): Promise<Resolution> {
  const refs = await rediscovering(connection, () => readRefs(connection, refPrefixes(selector)));
  try {
    return resolveSelector(selector, refs);
  } catch (error) {
    if (!(error instanceof ReferenceNotFoundError)) throw error;
    signal.throwIfAborted();
    // Nothing with that name: is there anything at all?
    if (refs.length === 0 && (await isEmpty(connection))) {
      throw new EmptyRepositoryError(
        selector.by === 'branch' ? 'git repository is empty' : 'remote repository is empty',
        { cause: error },
      );
    }
    throw error;
  }
}

async function isEmpty(connection: GitConnection): Promise<boolean> {
  const refs: RemoteRef[] = await readRefs(connection, ['HEAD', 'refs/']);
  return refs.length === 0;
}

/** Settles what refs alone cannot tell. */
async function decide(context: Context, resolution: Resolution, store: ObjectStore): Promise<Target> {
  if (resolution.kind === 'commit') return resolution.target;
  if (resolution.kind === 'newest') return newest(context, resolution.targets, store);
  const { target, heads } = resolution;
  if (!(await isContained(context, target.commit, heads))) throw unknownCommit(target.commit);
  return target;
}

/** Of tags with equal precedence the one whose commit was committed last (SRC-270). */
async function newest(context: Context, targets: Target[], store: ObjectStore): Promise<Target> {
  const commits = targets.map((target) => target.commit);
  const pack = await fetchInto(context, store, { wants: missing(commits, await store.commits()), depth: 1 });
  const { commits: described } = await runJob(
    { store: store.directory, pack, task: { kind: 'describe', commits } },
    context.signal,
  );
  if (pack !== undefined) await store.addCommits(commits);
  const times = described.map((commit) => Date.parse(commit.committer.time));
  return targets[times.indexOf(Math.max(...times))]!;
}

/** Walks the history of the heads, in a store of its own: it is complete, while the kept one is shallow. */
async function isContained(context: Context, commit: string, heads: string[]): Promise<boolean> {
  return withTemporaryStore(async (store) => {
    const pack = await fetchInto(context, store, { wants: heads, commitsOnly: true });
    const task = { kind: 'contains' as const, commit, heads };
    return (await runJob({ store: store.directory, pack, task }, context.signal)).contains;
  });
}

async function checkOut(
  context: Context,
  target: Target,
  store: ObjectStore,
  request?: Omit<FetchRequest, 'haves'>,
): Promise<Checkout & WrittenTree> {
  const { commit, tag, revision } = target;
  const wanted = [commit, ...(tag?.object === undefined ? [] : [tag.object])];
  const latest = { wants: missing(wanted, await store.commits()), depth: 1 };
  const pack = await fetchInto(context, store, request ?? latest);
  const { directory } = context.options;
  const task = { kind: 'checkout' as const, commit, directory, ...(tag?.object && { tagObject: tag.object }) };
  const done = await runJob({ store: store.directory, pack, task }, context.signal);
  if (pack !== undefined) await store.addCommits([commit]);
  return {
    revision,
    commit: done.commit,
    files: done.files,
    gitlinks: done.gitlinks,
    ...(tag && { tag: { name: tag.name, ...(done.tag && { object: done.tag }) } }),
  };
}

const missing = (wanted: readonly string[], present: readonly string[]) =>
  wanted.filter((oid) => !present.includes(oid));

/** Fetches objects into a store; undefined when nothing is wanted. */
async function fetchInto(
  { connection, signal, options }: Context,
  store: ObjectStore,
  request: Omit<FetchRequest, 'haves'>,
): Promise<string | undefined> {
  if (request.wants.length === 0) return undefined;
  const haves = request.commitsOnly ? [] : await store.commits();
  try {
    const content = fetchPack(connection, { ...request, haves });
    return await store.addPack(content, options.maxPackSize ?? 2 * 1024 ** 3, signal);
  } catch (error) {
    // Servers of protocol version 0 may give out only what a ref points at.
    if (error instanceof RemoteError && /not our ref|unadvertised object/i.test(error.message)) {
      throw unknownCommit(request.wants[0]!);
    }
    throw error;
  }
}

async function withTemporaryStore<T>(work: (store: ObjectStore) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'git-objects-'));
  try {
    return await work(openObjectStore(directory));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
