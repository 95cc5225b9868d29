import type fs from 'node:fs';
import git from 'isomorphic-git';
import { CorruptObjectsError } from '../errors.ts';
import { signatureOfCommit, signatureOfTag } from '../signature/payload.ts';
import { type CommitMetadata, type Signature, type TagMetadata } from './commit.ts';

/** What is read from: a store, and what was parsed of it before. */
export interface Objects {
  fs: typeof fs;
  gitdir: string;
  cache: object;
}

/** Reads a commit, whose content is that of its id: anything else is an error. */
export async function readCommit(objects: Objects, oid: string): Promise<CommitMetadata> {
  const { commit } = await git.readCommit({ ...objects, oid });
  const signed = signatureOfCommit(await readRaw(objects, oid));
  return {
    oid,
    tree: commit.tree,
    parents: commit.parent,
    author: signature(commit.author),
    committer: signature(commit.committer),
    message: commit.message,
    ...(signed && { signed }),
  };
}

/**
 * Reads the tag object that a commit was found through.
 *
 * @throws CorruptObjectsError when it leads to something else. It is the server that says which commit a tag means; what
 * the signature of the tag covers is what the tag says itself.
 */
export async function readTagOf(objects: Objects, oid: string, commit: string): Promise<TagMetadata> {
  const tag = await readTag(objects, oid);
  let { object, type } = tag;
  while (type === 'tag') ({ object, type } = await readTag(objects, object));
  if (object === commit) return tag.metadata;
  throw new CorruptObjectsError(`the tag object ${oid} is of the ${type} ${object}, not of the commit ${commit}`);
}

async function readTag(objects: Objects, oid: string) {
  const { tag } = await git.readTag({ ...objects, oid });
  const signed = signatureOfTag(await readRaw(objects, oid));
  const metadata: TagMetadata = {
    oid,
    name: tag.tag,
    object: tag.object,
    tagger: tag.tagger === undefined ? undefined : signature(tag.tagger),
    message: signed === undefined ? tag.message : messageOf(signed.payload),
    ...(signed && { signed }),
  };
  return { metadata, object: tag.object, type: tag.type as string };
}

async function readRaw(objects: Objects, oid: string): Promise<Uint8Array> {
  const { object } = await git.readObject({ ...objects, oid, format: 'content' });
  return object as Uint8Array;
}

function messageOf(payload: Uint8Array): string {
  const text = Buffer.from(payload).toString('utf8');
  return text.slice(text.indexOf('\n\n') + 2);
}

function signature({ name, email, timestamp }: { name: string; email: string; timestamp: number }): Signature {
  return { name, email, time: new Date(timestamp * 1000).toISOString().replace('.000Z', 'Z') };
}
