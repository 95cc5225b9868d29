/**
 * `npm run spec-coverage [-- PREFIX…]`: which numbered statements of docs/spec some test names, and which none does.
 * Fails when a test names a number that no specification makes, or when a specification makes one twice.
 */
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { compareIds, compress, parseId, statementsIn, statementsNamed } from './spec-coverage/statements.ts';
import { testNames } from './spec-coverage/test-names.ts';

const root = resolve(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const prefixOf = (id: string) => parseId(id).prefix;

const defects: string[] = [];
const made = new Map<string, string>();
for (const path of globSync('docs/spec/*.md', { cwd: root }).sort()) {
  for (const id of statementsIn(read(path))) {
    const earlier = made.get(id);
    if (earlier !== undefined) defects.push(`${path}: ${id} is made a second time (first in ${earlier})`);
    made.set(id, path);
  }
}

const prefixes = new Set([...made.keys()].map(prefixOf));
const covered = new Set<string>();
const tests = globSync(['{packages,apps}/*/src/**/*.test.ts', 'e2e/**/*.test.ts', 'e2e/src/suites/**/*.ts'], {
  cwd: root,
  exclude: (path) => path.includes('node_modules'),
});
for (const path of [...new Set(tests)].sort()) {
  for (const { text, line } of testNames(read(path), path)) {
    for (const id of statementsNamed(text, prefixes)) {
      if (made.has(id)) covered.add(id);
      else defects.push(`${path}:${line}: ${id} is no statement of docs/spec`);
    }
  }
}

const wanted = process.argv.slice(2);
const percent = (part: number, whole: number) => `${whole === 0 ? 0 : Math.floor((100 * part) / whole)} %`;
for (const prefix of [...prefixes].sort()) {
  if (wanted.length > 0 && !wanted.includes(prefix)) continue;
  const all = [...made.keys()].filter((id) => prefixOf(id) === prefix).sort(compareIds);
  const missing = all.filter((id) => !covered.has(id));
  const here = all.length - missing.length;
  console.log(`${prefix}  ${all.length} statements, ${here} named by tests (${percent(here, all.length)})`);
  if (missing.length > 0) console.log(`     missing: ${compress(missing, all)}`);
}
console.log(`all  ${made.size} statements, ${covered.size} named by tests (${percent(covered.size, made.size)})`);
for (const defect of defects) console.error(`error: ${defect}`);
process.exitCode = defects.length > 0 ? 1 : 0;
