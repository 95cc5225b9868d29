import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../build/build.ts';
import { directoryFileSystem } from './directory.ts';
import { memoryFileSystem, overlayFileSystem } from './memory.ts';
import { cleanPath, isWithin, relativePath } from './path.ts';

const configMap = '{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}';

describe('a directory', () => {
  let top: string;
  beforeEach(() => {
    top = realpathSync(mkdtempSync(join(tmpdir(), 'kustomize-fs-')));
    for (const directory of ['root/app', 'root/base', 'rootless']) mkdirSync(join(top, directory), { recursive: true });
    writeFileSync(join(top, 'rootless/secret.yaml'), configMap);
    writeFileSync(join(top, 'rootless/kustomization.yaml'), 'resources: [secret.yaml]');
    writeFileSync(join(top, 'root/base/a.yaml'), configMap);
  });
  afterEach(() => rmSync(top, { recursive: true, force: true }));

  const run = (kustomization: string) => {
    writeFileSync(join(top, 'root/app/kustomization.yaml'), kustomization);
    return build(directoryFileSystem(join(top, 'root')), join(top, 'root/app'), { loadRestriction: 'none' }).objects;
  };

  test('KZE-971, KZE-972, KUS-131: nothing outside the root is read, not even a directory whose name begins alike', () => {
    for (const entry of ['../../rootless/secret.yaml', '../../rootless']) {
      expect(() => run(`resources: [${entry}]`)).toThrow(/fs-security-constraint \w+ .*is not in or below/);
    }
    expect(() => run('resources: [/etc/passwd]')).toThrow('fs-security-constraint');
  });

  test('KZE-973, KUS-414: symlinks that lead outside are not followed, those inside are', () => {
    symlinkSync(join(top, 'rootless/secret.yaml'), join(top, 'root/app/file.yaml'));
    symlinkSync(join(top, 'rootless'), join(top, 'root/app/dir'));
    symlinkSync('../base/a.yaml', join(top, 'root/app/inside.yaml'));
    for (const entry of ['file.yaml', 'dir', 'dir/secret.yaml']) {
      expect(() => run(`resources: [${entry}]`)).toThrow('is not in or below');
    }
    expect(run('resources: [inside.yaml]')).toHaveLength(1);
  });

  test('a link that closes a circle is an error, not a loop', () => {
    symlinkSync('loop.yaml', join(top, 'root/app/loop.yaml'));
    expect(() => run('resources: [loop.yaml]')).toThrow('loop.yaml');
  });
});

test('memory: paths are absolute, directories follow from files', () => {
  const fs = memoryFileSystem({ 'a/b.yaml': 'x', './a/c/d.yaml': new Uint8Array([1]) });
  expect(fs.readDir('/a')).toEqual(['b.yaml', 'c']);
  expect([fs.stat('/a'), fs.stat('/a/b.yaml'), fs.stat('/z')]).toEqual(['directory', 'file', undefined]);
  expect(() => fs.readFile('/a')).toThrow('is a directory');
  expect(() => fs.readFile('/z')).toThrow('no such file or directory');
});

test('overlay: files laid over others hide them', () => {
  const fs = overlayFileSystem(memoryFileSystem({ 'a/b': 'old' }), { '/a/b': 'new', '/a/c': 'more' });
  expect(new TextDecoder().decode(fs.readFile('/a/b'))).toBe('new');
  expect(fs.readDir('/a')).toEqual(['b', 'c']);
});

test('KZE-972: paths are compared by whole elements', () => {
  expect(isWithin('/a/b', '/a/bc')).toBe(false);
  expect(isWithin('/a/b', '/a/b/c')).toBe(true);
  expect(isWithin('/', '/a')).toBe(true);
  expect(cleanPath('/a/./b//../c/')).toBe('/a/c');
  expect(cleanPath('../a/..')).toBe('..');
  expect(relativePath('/a/b', '/a/c/d')).toBe('../c/d');
});
