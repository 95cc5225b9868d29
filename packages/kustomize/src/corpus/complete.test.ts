import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { corpusNames } from './cases.ts';

test('every directory of the corpus is checked by a test, and every test has its directory', () => {
  const named = readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.test.ts'))
    .flatMap((file) =>
      [...readFileSync(join(import.meta.dirname, file), 'utf8').matchAll(/matchesReference\('([^']+)'\)/g)].map(
        (m) => m[1]!,
      ),
    );
  expect(named.sort()).toEqual(corpusNames().sort());
});
