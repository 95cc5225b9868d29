/** What to check out, as `spec.ref` says it. Several may be set; see {@link selectorOf}. */
export interface GitReference {
  branch?: string;
  tag?: string;
  semver?: string;
  name?: string;
  commit?: string;
}

/** The one part of a reference that counts. */
export type Selector =
  | { by: 'branch'; branch: string }
  | { by: 'tag'; tag: string }
  | { by: 'semver'; range: string }
  | { by: 'name'; name: string }
  /** `branch` must contain the commit; `name` only goes into the revision. */
  | { by: 'commit'; commit: string; branch?: string; name?: string };

/** The branch that is meant when none is named: literally this, not the remote's HEAD (SRC-266). */
export const defaultBranch = 'master';

/** Picks what counts: commit, name, tag, semver, branch, in this order (SRC-265). Empty texts count as missing. */
export function selectorOf(reference: GitReference = {}): Selector {
  const { branch, tag, semver, name, commit } = reference;
  if (commit) return { by: 'commit', commit, ...(branch && { branch }), ...(name && { name }) };
  if (name) return { by: 'name', name };
  if (tag) return { by: 'tag', tag };
  if (semver) return { by: 'semver', range: semver };
  return { by: 'branch', branch: branch || defaultBranch };
}

/** `<name>@sha1:<commit>`, or `sha1:<commit>` without a name. */
export function formatRevision(name: string | undefined, commit: string): string {
  return name === undefined ? `sha1:${commit}` : `${name}@sha1:${commit}`;
}

/**
 * Takes a revision apart: `<name>@sha1:<commit>`, `sha1:<commit>`, and the forms that old versions stored,
 * `<name>/<commit>` and `HEAD/<commit>` (SRC-218). Undefined for anything else.
 */
export function parseRevision(revision: string): { name?: string; commit: string } | undefined {
  const found = /^(?:(?:(.+)@)?sha1:|(.+)\/)([0-9a-f]{40})$/.exec(revision);
  if (found === null) return undefined;
  const name = found[1] ?? (found[2] === 'HEAD' ? undefined : found[2]);
  return { commit: found[3]!, ...(name !== undefined && { name }) };
}

/** A revision in its present form, for comparisons with stored ones. */
export function canonicalRevision(revision: string): string {
  const parsed = parseRevision(revision);
  return parsed === undefined ? revision : formatRevision(parsed.name, parsed.commit);
}
