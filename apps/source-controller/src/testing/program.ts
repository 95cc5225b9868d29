import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { runProgram } from '@gitops-toolkit/runtime';
import { sourceController } from '../program.ts';

/** The program at work. */
export interface RunningProgram {
  /** Its exit code; null when it was killed. */
  readonly ended: Promise<number | null>;
  /** Asks it to end. */
  stop(): void;
  /** Ends it without asking, if it is a process of its own. */
  kill(): void;
}

/** How to start the program. `onLine` gets each line that it logs. */
export interface ProgramStart {
  args: string[];
  kubeconfig: string;
  onLine(line: string): void;
}

/** Runs the program in the process of the test. */
export function runHere({ args, kubeconfig, onLine }: ProgramStart): RunningProgram {
  const stopping = new AbortController();
  const write = (text: string) => text.split('\n').filter(Boolean).forEach(onLine);
  return {
    ended: runProgram(sourceController, {
      args,
      env: { KUBECONFIG: kubeconfig },
      stderr: { write },
      signal: stopping.signal,
    }),
    stop: () => stopping.abort(),
    kill: () => {
      throw new Error('the program runs in the process of the test');
    },
  };
}

/** Runs the program as people do. */
export function runProcess({ args, kubeconfig, onLine }: ProgramStart): RunningProgram {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../main.ts'), ...args], {
    env: { ...process.env, KUBECONFIG: kubeconfig },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  createInterface({ input: child.stderr }).on('line', onLine);
  return {
    ended: new Promise((resolve) => child.once('exit', resolve)),
    stop: () => void child.kill('SIGTERM'),
    kill: () => void child.kill('SIGKILL'),
  };
}

/** A port that was free a moment ago: the advertised address must be known before the server listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as { port: number };
  await new Promise((closed) => server.close(closed));
  return port;
}
