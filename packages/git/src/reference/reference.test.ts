import { canonicalRevision, formatRevision, parseRevision, selectorOf } from './reference.ts';

const hash = 'c'.repeat(40);

describe('references', () => {
  test('SRC-265: commit, name, tag, semver, branch, in this order', () => {
    const all = { commit: hash, name: 'refs/x', tag: 't', semver: '*', branch: 'b' };
    expect(selectorOf(all)).toEqual({ by: 'commit', commit: hash, branch: 'b', name: 'refs/x' });
    expect(selectorOf({ ...all, commit: '' })).toEqual({ by: 'name', name: 'refs/x' });
    expect(selectorOf({ tag: 't', semver: '*', branch: 'b' })).toEqual({ by: 'tag', tag: 't' });
    expect(selectorOf({ semver: '*', branch: 'b' })).toEqual({ by: 'semver', range: '*' });
    expect(selectorOf({ branch: 'b' })).toEqual({ by: 'branch', branch: 'b' });
  });

  test('SRC-266: the default branch is master', () => {
    expect(selectorOf({})).toEqual({ by: 'branch', branch: 'master' });
    expect(selectorOf(undefined)).toEqual({ by: 'branch', branch: 'master' });
  });

  test('SRC-267, SRC-275: revisions', () => {
    expect(formatRevision('feature/x', hash)).toBe(`feature/x@sha1:${hash}`);
    expect(formatRevision(undefined, hash)).toBe(`sha1:${hash}`);
    expect(parseRevision(`a@b@sha1:${hash}`)).toEqual({ name: 'a@b', commit: hash });
    expect(parseRevision('main')).toBeUndefined();
  });

  test('SRC-218, SRC-500: forms that old versions stored', () => {
    expect(canonicalRevision(`master/${hash}`)).toBe(`master@sha1:${hash}`);
    expect(canonicalRevision(`feature/x/${hash}`)).toBe(`feature/x@sha1:${hash}`);
    expect(canonicalRevision(`HEAD/${hash}`)).toBe(`sha1:${hash}`);
    expect(canonicalRevision(`master@sha1:${hash}`)).toBe(`master@sha1:${hash}`);
    expect(canonicalRevision('some-revision')).toBe('some-revision');
  });
});
