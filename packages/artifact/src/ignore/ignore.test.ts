import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SourceIgnoreError } from '../errors.ts';
import { loadSourceIgnoreFiles } from './load.ts';
import { ignoreFilter, parsePatterns } from './pattern.ts';
import { sourceFilter } from './rules.ts';

/** Each path with `x` (ignored) or `k` (kept); a trailing slash marks a directory. */
type Expectations = Record<string, 'x' | 'k'>;

function judge(patterns: string, paths: Expectations, base?: string): Expectations {
  const filter = ignoreFilter(parsePatterns(patterns, base));
  return Object.fromEntries(
    Object.keys(paths).map((path) => {
      const isDirectory = path.endsWith('/');
      return [path, filter.ignores(isDirectory ? path.slice(0, -1) : path, isDirectory) ? 'x' : 'k'];
    }),
  );
}

describe('ignore patterns', () => {
  const vectors: [name: string, patterns: string, paths: Expectations, base?: string][] = [
    [
      'SRC-599',
      '/*\n!/deploy\n/deploy/**/*.md\n/deploy/**/*.txt',
      {
        'README.md': 'x',
        'deploy/': 'k',
        'deploy/a.yaml': 'k',
        'deploy/a.md': 'x',
        'deploy/x/y.md': 'x',
        'deploy/x/y.yaml': 'k',
        'other/deploy/z': 'x',
      },
    ],
    ['SRC-600', '*.yaml', { 'a.yaml': 'x', 'd/a.yaml': 'x', 'd.yaml/x': 'x' }],
    ['SRC-601', 'foo', { foo: 'x', 'a/foo/b': 'x' }],
    ['SRC-602, SRC-410', 'foo/', { foo: 'k', 'foo/': 'x', 'foo/x': 'x', 'a/foo': 'k', 'a/foo/': 'x', 'a/foo/x': 'x' }],
    ['SRC-603', '/foo', { foo: 'x', 'foo/x': 'x', 'a/foo': 'k' }],
    ['SRC-604', 'foo/bar', { 'foo/bar': 'x', 'foo/bar/x': 'x', 'a/foo/bar': 'k' }],
    ['SRC-605', '**/foo', { foo: 'x', 'a/b/foo': 'x', 'a/foo/x': 'x' }],
    ['SRC-606', 'foo/**', { foo: 'x', 'foo/': 'x', 'foo/x/y': 'x' }],
    ['SRC-607', '**.txt', { 'foo.txt': 'x', 'a/foo.txt': 'x' }],
    ['SRC-608, SRC-411', 'a/**.txt', { 'a/foo.txt': 'k' }],
    [
      'SRC-609, SRC-413',
      'clusters/*\n!clusters/prod',
      { 'clusters/': 'k', 'clusters/prod/x': 'k', 'clusters/dev/x': 'x' },
    ],
    ['SRC-610, SRC-409: the last match decides', '!foo\nfoo', { foo: 'x' }],
    ['SRC-610, SRC-409: the last match re-includes', 'foo\n!foo', { foo: 'k' }],
    ['SRC-611, SRC-408: escaped #', '\\#foo', { '#foo': 'x' }],
    ['SRC-611, SRC-408: escaped !', '\\!foo', { '!foo': 'x' }],
    ['SRC-611, SRC-408: comment', '#foo', { '#foo': 'k' }],
    ['SRC-612, SRC-408: trailing space', 'foo ', { foo: 'x' }],
    ['SRC-612, SRC-408: escaped trailing space', 'foo\\ ', { 'foo ': 'x', foo: 'k' }],
    ['SRC-612, SRC-408: leading spaces', '  foo', { foo: 'k', '  foo': 'x' }],
    ['SRC-612, SRC-408: not a comment', ' # c', { ' # c': 'x' }],
    ['SRC-408: a trailing carriage return is dropped', 'foo\r\nbar\r', { foo: 'x', bar: 'x' }],
    ['SRC-613', '[a-c].yaml', { 'b.yaml': 'x', 'd.yaml': 'k' }],
    ['SRC-613: negation', '[^a].yaml', { 'b.yaml': 'x', 'a.yaml': 'k' }],
    ['SRC-613: ! does not negate', '[!a].yaml', { 'a.yaml': 'x', 'b.yaml': 'k' }],
    ['SRC-614', '[\n/\n!\n./a', { a: 'k', '[': 'k', 'd/a': 'k' }],
    ['SRC-615', 'a//b', { 'a/b': 'x' }],
    [
      'SRC-616',
      '/*lue/**/vol?ano/',
      {
        'value/middle1/middle2/volcano/': 'x',
        'value/middle1/volcano': 'k',
        'value/m/volcano/tail': 'x',
      },
    ],
    [
      'SRC-617',
      '**/android/**/GeneratedPluginRegistrant.java',
      { 'packages/flutter_tools/lib/src/android/gradle.dart': 'k' },
    ],
    [
      'SRC-618',
      'ignore-dir/*',
      { 'domain/scoped/ignore-dir/file.yaml': 'x', 'ignore-dir/file.yaml': 'k' },
      'domain/scoped',
    ],
    [
      'SRC-412',
      '*.md\n\\*x\n[b-\n{a,b}',
      { '.md': 'x', 'A.MD': 'k', '*x': 'x', yx: 'k', b: 'k', '[b-': 'k', a: 'k', '{a,b}': 'x' },
    ],
  ];
  for (const [name, patterns, paths, base] of vectors) {
    test(name, () => expect(judge(patterns, paths, base)).toEqual(paths));
  }

  test('a pattern full of wildcards is decided in time proportional to its length', () => {
    const filter = ignoreFilter(parsePatterns(`${'*a'.repeat(200)}b\n${'**/a/'.repeat(200)}b`));
    expect(filter.ignores('a'.repeat(4000), false)).toBe(false);
    expect(filter.ignores('a/'.repeat(2000) + 'c', false)).toBe(false);
  });
});

describe('source filter', () => {
  const kept = (filter: ReturnType<typeof sourceFilter>, ...paths: string[]) =>
    paths.filter((path) => !filter.ignores(path, false));

  test('SRC-401, SRC-402: without user patterns the version control, media, CI and tool files are left out', () => {
    const paths = ['.git/HEAD', '.gitignore', '.gitmodules', '.gitattributes', 'a/b.jpg', 'x.tar.gz', 'x.zip', 'x.gif'];
    paths.push('.github/w.yml', '.circleci/c', '.travis.yml', 'appveyor.yml', 'a/.sops.yaml', '.flux.yaml', 'a.wmv');
    paths.push('.goreleaser.yml', 'cloudbuild.yaml', 'codeship-steps.yml', '.drone.yml', '.gitlab-ci.yml');
    expect(kept(sourceFilter(), ...paths, 'app.yaml')).toEqual(['app.yaml']);
  });

  test('SRC-404, SRC-485: one user pattern turns all defaults but the version control files off', () => {
    expect(kept(sourceFilter({ specIgnore: 'custom' }), 'horse.jpg', '.git/config', 'custom')).toEqual(['horse.jpg']);
    const nested = sourceFilter({ files: [{ directory: 'deep', text: 'x' }] });
    expect(kept(nested, 'horse.jpg', 'x', 'deep/x', '.git/config')).toEqual(['horse.jpg', 'x']);
  });

  test('SRC-403: comments, blank lines and an empty spec.ignore leave the defaults on', () => {
    const filter = sourceFilter({ files: [{ directory: '', text: '# nothing\n\n  \n' }], specIgnore: '' });
    expect(kept(filter, 'horse.jpg', 'a.yaml')).toEqual(['a.yaml']);
  });

  test('SRC-405: a user pattern brings a version control file back', () => {
    expect(kept(sourceFilter({ specIgnore: '!.gitignore' }), '.gitignore', '.gitmodules')).toEqual(['.gitignore']);
  });

  test('SRC-402, SRC-510: spec.ignore comes after the files', () => {
    const files = [{ directory: '', text: '**.txt\n' }];
    const paths = ['.sourceignore', 'foo.txt', 'manifest.yaml'];
    expect(kept(sourceFilter({ files }), ...paths)).toEqual(['.sourceignore', 'manifest.yaml']);
    expect(kept(sourceFilter({ files, specIgnore: '!**.txt' }), ...paths)).toEqual(paths);
  });

  test('subtrees are only pruned when nothing can be brought back', () => {
    expect(sourceFilter().prunes).toBe(true);
    expect(sourceFilter({ specIgnore: '/*\n!/a' }).prunes).toBe(false);
  });
});

describe('loading .sourceignore files', () => {
  let root: string;
  beforeEach(async () => void (root = await mkdtemp(join(tmpdir(), 'ignore-'))));
  afterEach(() => rm(root, { recursive: true, force: true }));

  test('SRC-402, SRC-406, SRC-407: root first, subdirectories in name order, not in .git, regular files only', async () => {
    for (const folder of ['b/deep', 'a', 'B', '.git', 'link']) await mkdir(join(root, folder), { recursive: true });
    for (const folder of ['b/deep', 'b', 'a', 'B', '.git', '.']) {
      await writeFile(join(root, folder, '.sourceignore'), `from ${folder}`);
    }
    await writeFile(join(root, 'a', '.gitignore'), 'no effect');
    await symlink('../a/.sourceignore', join(root, 'link', '.sourceignore'));
    const files = await loadSourceIgnoreFiles(root);
    expect(files.map((file) => file.directory)).toEqual(['', 'B', 'a', 'b', 'b/deep']);
    expect(files[4]).toEqual({ directory: 'b/deep', text: 'from b/deep' });
  });

  test('SRC-406: patterns of a nested file apply below its directory', async () => {
    await mkdir(join(root, 'a'));
    await writeFile(join(root, 'a', '.sourceignore'), '/x\n*.md\n');
    const filter = sourceFilter({ files: await loadSourceIgnoreFiles(root) });
    expect(['a/x', 'a/b/c.md', 'x', 'c.md', 'a/b/x'].map((path) => filter.ignores(path, false))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  test('SRC-414: a file that is too large is refused by name', async () => {
    await writeFile(join(root, '.sourceignore'), Buffer.alloc(1024 * 1024 + 1, 'a'));
    const failure = loadSourceIgnoreFiles(root);
    await expect(failure).rejects.toBeInstanceOf(SourceIgnoreError);
    await expect(failure).rejects.toThrow(/'\.sourceignore'.*larger/);
  });
});
