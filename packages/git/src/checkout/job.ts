/** What the worker thread is asked and what it answers; plain data only. */
import { type CommitMetadata, type TagMetadata } from './commit.ts';

/** A commit of another repository that a tree refers to. */
export interface Gitlink {
  /** From the root of the tree. */
  path: string;
  commit: string;
}

/** Files that were written, and the commits of other repositories that belong among them. */
export interface WrittenTree {
  files: number;
  gitlinks: Gitlink[];
}

/** Work on an object store that takes CPU time. */
export interface Job {
  /** The object store. */
  store: string;
  /** A packfile that has no index yet, relative to the store. */
  pack?: string;
  task:
    | { kind: 'checkout'; commit: string; tagObject?: string; directory: string }
    /** Commit times, to find the newest of several. */
    | { kind: 'describe'; commits: string[] }
    /** Whether a commit is among the ancestors of some heads, or is one of them. */
    | { kind: 'contains'; commit: string; heads: string[] };
}

/** The answer to a {@link Job}. */
export type JobResult =
  | ({ kind: 'checkout'; commit: CommitMetadata; tag?: TagMetadata } & WrittenTree)
  | { kind: 'describe'; commits: CommitMetadata[] }
  | { kind: 'contains'; contains: boolean };

/** What the thread posts: a result, or an error by its class name. */
export type Reply = { result: JobResult } | { error: { name: string; message: string } };
