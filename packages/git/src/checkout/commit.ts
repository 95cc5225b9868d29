import type { SignedObject } from '../signature/payload.ts';

/** Who made a commit or tag, and when. */
export interface Signature {
  name: string;
  email: string;
  /** RFC 3339, in UTC. */
  time: string;
}

/** A commit without its tree. */
export interface CommitMetadata {
  oid: string;
  tree: string;
  parents: string[];
  author: Signature;
  committer: Signature;
  /** The whole message, subject and body. */
  message: string;
  /** Its signature and what that signs, if it has one; not verified. */
  signed?: SignedObject;
}

/** An annotated tag. */
export interface TagMetadata {
  oid: string;
  name: string;
  /** What it points at. */
  object: string;
  tagger: Signature | undefined;
  /** Without the signature. */
  message: string;
  /** Its signature and what that signs, if it has one; not verified. */
  signed?: SignedObject;
}

/** `<subject>` of a message: its first line. */
export function subjectOf(message: string): string {
  return message.split('\n', 1)[0]!;
}
