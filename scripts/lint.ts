/** `npm run lint [-- --fix]`: ESLint with the module boundaries, then Prettier. */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const require = createRequire(import.meta.url);
const fix = process.argv.includes('--fix');
const tool = (name: string, bin: string, args: string[]) =>
  spawnSync(process.execPath, [join(dirname(require.resolve(`${name}/package.json`)), bin), ...args], {
    cwd: root,
    stdio: 'inherit',
  }).status ?? 1;

const eslint = tool('eslint', 'bin/eslint.js', [
  '--no-error-on-unmatched-pattern',
  'packages',
  'apps',
  'e2e',
  'scripts',
  ...(fix ? ['--fix'] : []),
]);
const prettier = tool('prettier', 'bin/prettier.cjs', [
  fix ? '--write' : '--check',
  '--log-level=warn',
  '{packages,apps,e2e,scripts}/**/*.{ts,mjs}',
  '*.mjs',
]);
process.exitCode = eslint || prettier;
