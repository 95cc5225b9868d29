import { object, string } from '../fields/field.ts';
import type { ValueOf } from '../fields/field.ts';

/** What to check out of a Git repository (SRC-16). */
export const gitReference = object(
  'What to check out. The most specific of the fields given wins: commit, name, semver, tag, branch.',
  {
    branch: string('Branch. Default: `master`, when no other field is given.'),
    tag: string('Tag; wins over `branch`.'),
    semver: string('Range of semantic versions; the highest tag in it wins over `tag`.'),
    name: string(
      'Full name of a reference, such as `refs/heads/main` or `refs/pull/420/head`; wins over `branch`, `tag` and `semver`.',
    ),
    commit: string(
      'Commit, as a full hash; wins over everything else. Together with `branch` only that branch is fetched, and must contain the commit.',
    ),
  },
);
export type GitRepositoryRef = ValueOf<typeof gitReference>;
