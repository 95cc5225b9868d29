import { EmptyRepositoryError, type GitError, InvalidOptionsError, ReferenceNotFoundError } from '../errors.ts';
import { type RemoteRef } from '../protocol/refs.ts';
import { ConstraintError, parseConstraint, type VersionConstraint } from '../semver/constraint.ts';
import { compareVersions, parseVersion, type Version } from '../semver/version.ts';
import { formatRevision, type Selector } from './reference.ts';

/** A commit to check out. */
export interface Target {
  /** `<name>@sha1:<commit>` or `sha1:<commit>`. */
  revision: string;
  commit: string;
  /** The tag it was found through; `object` is the tag object of an annotated tag. */
  tag?: { name: string; object?: string };
}

/** What a selector means in the refs of a repository. */
export type Resolution =
  | { kind: 'commit'; target: Target }
  /** Versions of equal precedence: the newest commit wins, which only the commits can tell (SRC-270). */
  | { kind: 'newest'; targets: Target[] }
  /** A commit that no ref names: one of these heads must contain it (SRC-275). */
  | { kind: 'contained'; target: Target; heads: string[] };

/** The prefixes of the refs that {@link resolveSelector} needs to see. */
export function refPrefixes(selector: Selector): string[] {
  switch (selector.by) {
    case 'branch':
      return [`refs/heads/${selector.branch}`];
    case 'tag':
      return [`refs/tags/${selector.tag}`];
    case 'semver':
      return ['refs/tags/'];
    case 'name':
      return [selector.name.replace(/\^\{\}$/, '')];
    case 'commit':
      return [selector.branch === undefined ? 'refs/heads/' : `refs/heads/${selector.branch}`];
  }
}

/**
 * Finds what a selector means (SRC-267…276).
 *
 * @throws ReferenceNotFoundError, InvalidOptionsError for a malformed range or name, and EmptyRepositoryError when there is
 * no ref at all (`refs` being only those asked for, the caller must make sure).
 */
export function resolveSelector(selector: Selector, refs: readonly RemoteRef[]): Resolution {
  switch (selector.by) {
    case 'branch':
      return found(commitTarget(selector.branch, find(refs, `refs/heads/${selector.branch}`)));
    case 'tag':
      return found(tagTarget(selector.tag, selector.tag, find(refs, `refs/tags/${selector.tag}`)));
    case 'semver':
      return newestVersion(selector.range, refs);
    case 'name':
      return found(namedTarget(selector.name, refs));
    case 'commit':
      return pinnedCommit(selector, refs);
  }
}

const found = (target: Target): Resolution => ({ kind: 'commit', target });

function find(refs: readonly RemoteRef[], name: string): RemoteRef {
  const ref = refs.find((candidate) => candidate.name === name);
  if (ref === undefined) throw new ReferenceNotFoundError(`couldn't find remote ref "${name}"`);
  return ref;
}

function commitTarget(name: string, ref: RemoteRef): Target {
  return { revision: formatRevision(name, ref.oid), commit: ref.oid };
}

/** The hash of the revision is the commit's, never the tag object's (SRC-268). */
function tagTarget(revisionName: string, tag: string, ref: RemoteRef): Target {
  const commit = ref.peeled ?? ref.oid;
  return {
    revision: formatRevision(revisionName, commit),
    commit,
    tag: { name: tag, ...(ref.peeled !== undefined && { object: ref.oid }) },
  };
}

function namedTarget(name: string, refs: readonly RemoteRef[]): Target {
  if (name.startsWith('/') || name.endsWith('/')) {
    throw new InvalidOptionsError(`ref ${name} is invalid; Git refs cannot begin or end with a slash '/'`);
  }
  const plain = name.replace(/\^\{\}$/, '');
  const ref = refs.find((candidate) => candidate.name === plain);
  if (ref === undefined || (plain !== name && ref.peeled === undefined)) {
    throw new ReferenceNotFoundError(`unable to resolve ref '${name}' to a specific commit`);
  }
  if (plain.startsWith('refs/tags/')) return tagTarget(name, plain.slice('refs/tags/'.length), ref);
  return commitTarget(name, { ...ref, oid: ref.peeled ?? ref.oid });
}

function newestVersion(range: string, refs: readonly RemoteRef[]): Resolution {
  const constraint = compile(range);
  let best: { version: Version; targets: Target[] } | undefined;
  for (const ref of refs) {
    if (!ref.name.startsWith('refs/tags/')) continue;
    const tag = ref.name.slice('refs/tags/'.length);
    const version = parseVersion(tag);
    if (version === undefined || !constraint.matches(version)) continue;
    const order = best === undefined ? 1 : compareVersions(version, best.version);
    if (order > 0) best = { version, targets: [tagTarget(tag, tag, ref)] };
    else if (order === 0) best!.targets.push(tagTarget(tag, tag, ref));
  }
  if (best === undefined) throw new ReferenceNotFoundError(`no match found for semver: ${range}`);
  const [first] = best.targets;
  return best.targets.length === 1 ? found(first!) : { kind: 'newest', targets: best.targets };
}

function compile(range: string): VersionConstraint {
  try {
    return parseConstraint(range);
  } catch (error) {
    if (!(error instanceof ConstraintError)) throw error;
    throw new InvalidOptionsError(`semver parse error: ${error.message}`, { cause: error });
  }
}

function pinnedCommit(selector: Selector & { by: 'commit' }, refs: readonly RemoteRef[]): Resolution {
  const { commit, branch, name } = selector;
  const heads =
    branch === undefined
      ? refs.filter((ref) => ref.name.startsWith('refs/heads/')).map((ref) => ref.oid)
      : [find(refs, `refs/heads/${branch}`).oid];
  if (!/^[0-9a-f]{40}$/.test(commit)) throw unknownCommit(commit);
  const target = { revision: formatRevision(name ?? branch, commit), commit };
  if (heads.includes(commit)) return found(target);
  if (heads.length === 0) throw new EmptyRepositoryError('remote repository is empty');
  return { kind: 'contained', target, heads: [...new Set(heads)] };
}

/** The error for a commit that is not in the repository, or not in the branch (SRC-275). */
export function unknownCommit(commit: string): GitError {
  return new ReferenceNotFoundError(`unable to resolve commit object for '${commit}': object not found`);
}
