/** `npm run e2e`: whole programs against an API server. The closing line is `N passed, N failed, N skipped`. */
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseOptions, usage, UsageError, type RunOptions } from './runner/options.ts';
import { session } from './runner/session.ts';
import type { Suite } from './runner/suite.ts';
import { suites } from './suites/index.ts';

/** How long the process may live on after its last line, in milliseconds. */
const lingerMs = 10_000;

process.exitCode = await main(process.argv.slice(2));
// Normally nothing is left to wait for. What is must not hold up a build; it is told, so that somebody looks for it.
setTimeout(() => {
  console.error(`still open at the end: ${process.getActiveResourcesInfo().join(', ')}`);
  process.exit();
}, lingerMs).unref();

async function main(args: string[]): Promise<number> {
  let options: RunOptions | 'help';
  let selected: Suite[];
  try {
    options = parseOptions(args);
    if (options === 'help') {
      console.log(usage);
      return 0;
    }
    selected = select(options.suites);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\n${usage}`);
    return 2;
  }
  if (options.list) {
    for (const { name, cases } of selected) console.log([name, ...cases.map((one) => `  ${one.name}`)].join('\n'));
    return 0;
  }

  const cancel = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => cancel.abort(new Error(`cancelled by ${name}`)));
  }
  Object.assign(session, {
    options,
    suites: selected,
    signal: cancel.signal,
    log: (line: string) => console.error(line),
  });
  const count = { passed: 0, failed: 0, skipped: 0 };
  const events = run({
    files: [join(import.meta.dirname, 'runner', 'register.ts')],
    isolation: 'none',
    concurrency: false,
    signal: cancel.signal,
  });
  events.on('test:pass', ({ details, skip }) => {
    if (details.type === 'suite') return;
    if (skip === undefined) count.passed += 1;
    else count.skipped += 1;
  });
  events.on('test:fail', ({ details }) => {
    // A suite fails with its cases; it counts itself only when its own setup or clean-up failed.
    const cause = (details.error as { failureType?: string } | undefined)?.failureType;
    if (details.type !== 'suite' || cause !== 'subtestsFailed') count.failed += 1;
  });
  await pipeline(events, new spec(), process.stdout, { end: false });
  console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
  return count.failed > 0 || count.passed + count.skipped === 0 ? 1 : 0;
}

function select(names: string[]): Suite[] {
  const unknown = names.filter((name) => !suites.some((suite) => suite.name === name));
  if (unknown.length > 0) {
    throw new UsageError(`no suite ${unknown.join(', ')}; there are ${suites.map(({ name }) => name).join(', ')}`);
  }
  return names.length === 0 ? suites : suites.filter((suite) => names.includes(suite.name));
}
