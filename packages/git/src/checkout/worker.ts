/** The thread in which packfiles are indexed and trees are written: both keep a CPU busy for long. */
import fs from 'node:fs';
import { parentPort } from 'node:worker_threads';
import git from 'isomorphic-git';
import { CorruptObjectsError, GitError } from '../errors.ts';
import { type Job, type JobResult, type Reply } from './job.ts';
import { readCommit, readTagOf, type Objects } from './read.ts';
import { writeTree } from './tree.ts';

parentPort!.on('message', (job: Job) => {
  void run(job).then((reply) => parentPort!.postMessage(reply));
});

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
      const tag = task.tagObject === undefined ? undefined : await readTagOf(objects, task.tagObject, task.commit);
      const written = await writeTree(objects.gitdir, commit.tree, task.directory);
      return { kind: 'checkout', commit, ...written, ...(tag && { tag }) };
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

function describe(error: unknown): { name: string; message: string } {
  if (error instanceof GitError) return { name: error.name, message: error.message };
  const { message, code, syscall } = error as NodeJS.ErrnoException;
  // What the file system says stays; anything else is about the objects.
  if (syscall !== undefined) return { name: 'Error', message };
  return { name: CorruptObjectsError.name, message: `the objects cannot be read: ${code ?? 'error'}: ${message}` };
}
