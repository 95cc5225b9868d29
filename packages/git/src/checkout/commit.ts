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
  /** The armored signature, if it has one. */
  signature?: string;
}

/** An annotated tag. */
export interface TagMetadata {
  oid: string;
  name: string;
  /** What it points at. */
  object: string;
  tagger: Signature | undefined;
  message: string;
  signature?: string;
}

/** `<subject>` of a message: its first line. */
export function subjectOf(message: string): string {
  return message.split('\n', 1)[0]!;
}
