import { imageMatcher, replaceImage, splitImage } from './images.ts';

test.each([
  ['nginx', 'nginx', '', ''],
  ['nginx:1', 'nginx', '1', ''],
  ['host:5000/a/b', 'host:5000/a/b', '', ''],
  ['host:5000/a/b:c', 'host:5000/a/b', 'c', ''],
  ['a@sha256:d', 'a', '', 'sha256:d'],
  ['a:1@sha256:d', 'a', '1', 'sha256:d'],
  ['/a:1', '/a', '1', ''],
])('KZE-678: %s splits into %j, %j and %j', (image, name, tag, digest) => {
  expect(splitImage(image)).toEqual({ name, tag, digest });
});

test.each([
  ['nginx', 'nginx:1.2-{X}', true],
  ['nginx', 'nginx:1@sha256:abc', true],
  ['nginx', 'nginx@sha512:abc', false],
  ['nginx', 'nginxx', false],
  ['nginx', 'x/nginx', false],
  ['re.*', 'redis:1', true],
  ['bad(', 'bad(', false],
])('KZE-677: name %s and image %s match: %p', (name, image, matches) => {
  expect(imageMatcher(name)(image)).toBe(matches);
});

test.each([
  ['a:1@sha256:d', { newName: 'b' }, 'b:1@sha256:d'],
  ['a:1@sha256:d', { newTag: '2' }, 'a:2'],
  ['a:1', { digest: 'sha256:e' }, 'a@sha256:e'],
  ['a:1', { newTag: '2', digest: 'sha256:e' }, 'a:2@sha256:e'],
  ['a:1@sha256:d', { tagSuffix: '-x' }, 'a:1-x'],
])('KZE-679: %s with %j becomes %s', (image, entry, result) => {
  expect(replaceImage(image, entry)).toBe(result);
});
