/** The thread in which packfiles are indexed and trees are written: both keep a CPU busy for long. */
import fs from 'node:fs';
import { parentPort } from 'node:worker_threads';
import git from 'isomorphic-git';
import { CorruptObjectsError, GitError } from '../errors.ts';
import { type CommitMetadata, type Signature, type TagMetadata } from './commit.ts';
import { type Job, type JobResult, type Reply } from './job.ts';
import { writeTree } from './tree.ts';

parentPort!.on('message', (job: Job) => {
  void run(job).then((reply) => parentPort!.postMessage(reply));
});

/** What the functions below read from: a store, and what was parsed of it during this job. */
interface Objects {
  fs: typeof fs;
  gitdir: string;
  cache: object;
}

async function run({ store: gitdir, pack, task }: Job): Promise<Reply> {
  const objects = { fs, gitdir, cache: {} };
  try {
    if (pack !== undefined) await git.indexPack({ ...objects, dir: gitdir, filepath: pack });
    return { result: await perform(task, objects) };
  } catch (error) {
    return { error: describe(error) };
  }
}

async function perform(task: Job['task'], objects: Objects): Promise<JobResult> {
  switch (task.kind) {
    case 'checkout': {
      const commit = await readCommit(objects, task.commit);
      const tag = task.tagObject === undefined ? undefined : await readTag(objects, task.tagObject);
      const files = await writeTree(objects.gitdir, commit.tree, task.directory);
      return { kind: 'checkout', commit, files, ...(tag && { tag }) };
    }
    case 'describe':
      return { kind: 'describe', commits: await Promise.all(task.commits.map((oid) => readCommit(objects, oid))) };
    case 'contains':
      return { kind: 'contains', contains: await contains(objects, task.commit, task.heads) };
  }
}

async function contains(objects: Objects, wanted: string, heads: string[]): Promise<boolean> {
  const seen = new Set(heads);
  const queue = [...heads];
  for (let oid = queue.pop(); oid !== undefined; oid = queue.pop()) {
    if (oid === wanted) return true;
    const { commit } = await git.readCommit({ ...objects, oid });
    for (const parent of commit.parent) {
      if (!seen.has(parent)) queue.push(parent);
      seen.add(parent);
    }
  }
  return false;
}

async function readCommit(objects: Objects, oid: string): Promise<CommitMetadata> {
  const { commit } = await git.readCommit({ ...objects, oid });
  return {
    oid,
    tree: commit.tree,
    parents: commit.parent,
    author: signature(commit.author),
    committer: signature(commit.committer),
    message: commit.message,
    ...(commit.gpgsig !== undefined && { signature: commit.gpgsig }),
  };
}

async function readTag(objects: Objects, oid: string): Promise<TagMetadata> {
  const { tag } = await git.readTag({ ...objects, oid });
  return {
    oid,
    name: tag.tag,
    object: tag.object,
    tagger: tag.tagger === undefined ? undefined : signature(tag.tagger),
    message: tag.message,
    ...(tag.gpgsig !== undefined && { signature: tag.gpgsig }),
  };
}

function signature({ name, email, timestamp }: { name: string; email: string; timestamp: number }): Signature {
  return { name, email, time: new Date(timestamp * 1000).toISOString().replace('.000Z', 'Z') };
}

function describe(error: unknown): { name: string; message: string } {
  if (error instanceof GitError) return { name: error.name, message: error.message };
  const { message, code, syscall } = error as NodeJS.ErrnoException;
  // What the file system says stays; anything else is about the objects.
  if (syscall !== undefined) return { name: 'Error', message };
  return { name: CorruptObjectsError.name, message: `the objects cannot be read: ${code ?? 'error'}: ${message}` };
}
