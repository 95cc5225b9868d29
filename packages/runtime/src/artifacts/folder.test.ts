import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { processFolder } from './folder.ts';

test('the folders of processes that are gone are removed, others stay', () => {
  const parent = mkdtempSync(join(tmpdir(), 'folders-'));
  try {
    const gone = spawnSync(process.execPath, ['--eval', '']).pid;
    const ours = `app-${hostname()}-${process.pid}`;
    const others = [
      `app-${hostname()}-${process.ppid}`,
      `app-elsewhere-${gone}`,
      `other-${hostname()}-${gone}`,
      'app-x',
    ];
    for (const name of [ours, ...others, `app-${hostname()}-${gone}`])
      mkdirSync(join(parent, name, 'artifact-1'), { recursive: true });
    expect(processFolder('app', parent)).toBe(join(parent, ours));
    expect(readdirSync(parent).sort()).toEqual([ours, ...others].sort());
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
});
