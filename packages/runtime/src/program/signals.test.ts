import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A program that stops only at the second signal. */
const script = `
  import { shutdownSignal } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'signals.ts')).href)};
  shutdownSignal().addEventListener('abort', () => console.log('stopping'));
  setInterval(() => {}, 1000);
  console.log('ready');
`;

test('RTM-268: the first SIGTERM or SIGINT asks to stop, the second ends the process with 1', async () => {
  for (const [first, second] of [
    ['SIGTERM', 'SIGTERM'],
    ['SIGINT', 'SIGTERM'],
  ] as const) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.stdout.setEncoding('utf8');
    expect(await once(child.stdout, 'data')).toEqual(['ready\n']);
    child.kill(first);
    expect(await once(child.stdout, 'data')).toEqual(['stopping\n']);
    child.kill(second);
    expect(await once(child, 'exit')).toEqual([1, null]);
  }
});
