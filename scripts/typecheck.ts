/** `npm run typecheck`: the whole repository with TypeScript 7, which emits nothing. */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

const require = createRequire(import.meta.url);
const tsc = join(dirname(require.resolve('typescript-7/package.json')), 'bin', 'tsc');
const { status } = spawnSync(
  process.execPath,
  [tsc, '-p', resolve(import.meta.dirname, '..'), ...process.argv.slice(2)],
  { stdio: 'inherit' },
);
process.exitCode = status ?? 1;
