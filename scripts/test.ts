/**
 * `npm test [-- JEST ARGUMENTS]`: every unit and integration test, or those that the arguments select, with a closing
 * line `N passed, N failed, N skipped`. Skipped tests are listed with their names (which carry the reason).
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

interface Assertion {
  status: 'passed' | 'failed' | 'pending' | 'skipped' | 'todo' | 'disabled' | 'focused';
  fullName: string;
}
interface JestReport {
  numPassedTests: number;
  numFailedTests: number;
  numRuntimeErrorTestSuites: number;
  testResults: { name: string; status: string; assertionResults: Assertion[] }[];
}

const root = resolve(import.meta.dirname, '..');
const require = createRequire(import.meta.url);
const jest = join(dirname(require.resolve('jest/package.json')), 'bin', 'jest.js');
const scratch = mkdtempSync(join(tmpdir(), 'gotk-test-'));
const report = join(scratch, 'report.json');
const args = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  jest,
  '--json',
  `--outputFile=${report}`,
  ...process.argv.slice(2),
];

const child = spawn(process.execPath, args, {
  cwd: root,
  stdio: ['ignore', 'ignore', 'inherit'],
  env: { ...process.env, NODE_ENV: 'test' },
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
const code = await new Promise<number>((done) => child.on('exit', (status) => done(status ?? 1)));

try {
  const result = JSON.parse(readFileSync(report, 'utf8')) as JestReport;
  const skipped = result.testResults.flatMap((file) =>
    file.assertionResults
      .filter((test) => test.status !== 'passed' && test.status !== 'failed')
      .map((test) => `${file.name.slice(root.length + 1)}: ${test.fullName}`),
  );
  for (const name of skipped) console.log(`skipped: ${name}`);
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  console.log(`${result.numPassedTests} passed, ${failed} failed, ${skipped.length} skipped`);
  process.exitCode = code === 0 && failed === 0 ? 0 : 1;
} catch (error) {
  console.error(
    `jest ended with code ${code} and left no report: ${error instanceof Error ? error.message : String(error)}`,
  );
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
