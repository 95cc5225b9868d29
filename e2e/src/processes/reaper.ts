/**
 * Outlives the program that started it just long enough to clean up: when standard input ends, which it does however
 * that program dies, every process group and folder named on it is removed.
 *
 * Lines: `+group PID`, `-group PID`, `+folder PATH`, `-folder PATH`.
 */
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

const groups = new Set<string>();
const folders = new Set<string>();

for await (const line of createInterface({ input: process.stdin })) {
  const [operation, value] = [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)];
  if (operation === '+group') groups.add(value);
  else if (operation === '-group') groups.delete(value);
  else if (operation === '+folder') folders.add(value);
  else if (operation === '-folder') folders.delete(value);
}

for (const group of groups) {
  try {
    process.kill(-Number(group), 'SIGKILL');
  } catch {
    // The group ended by itself.
  }
}
for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
