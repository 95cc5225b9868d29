/** Programs that a suite runs beside itself. */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { reapGroup } from './scratch.ts';

/** What to run. */
export interface ProgramSpec {
  /** For messages. */
  name: string;
  command: string;
  args?: string[];
  /** Added to the environment of this program. */
  env?: Record<string, string>;
  cwd?: string;
  /** Standard output and error are appended here. */
  logFile: string;
}

/** How a program ended. */
export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A running program, leader of its own process group. */
export interface Program {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  /** Settles when the program has ended; never rejects. */
  readonly exited: Promise<Ending>;
  /** Undefined while it runs. */
  readonly ending: Ending | undefined;
  /** Sends a signal to the program and its children. */
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM to the group, SIGKILL after `graceMs` (default 10,000); resolves when it has ended. */
  stop(graceMs?: number): Promise<Ending>;
  /** The end of its log. */
  logTail(bytes?: number): Promise<string>;
}

/**
 * Starts a program. It is killed with its children when this program ends, in whatever way.
 *
 * @throws Error when the program cannot be started at all.
 */
export async function startProgram(spec: ProgramSpec): Promise<Program> {
  const log = openSync(spec.logFile, 'a');
  const child = spawn(spec.command, spec.args ?? [], {
    cwd: spec.cwd,
    env: { ...process.env, ...spec.env },
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  await once(child, 'spawn');
  const pid = child.pid as number;
  const forget = reapGroup(pid);
  let ending: Ending | undefined;
  const exited = new Promise<Ending>((done) => {
    child.once('exit', (code, signal) => {
      ending = { code, signal };
      killGroup(pid, 'SIGKILL');
      forget();
      done(ending);
    });
  });

  return {
    name: spec.name,
    pid,
    logFile: spec.logFile,
    exited,
    get ending() {
      return ending;
    },
    kill: (signal) => {
      if (!ending) killGroup(pid, signal);
    },
    async stop(graceMs = 10_000) {
      if (!ending) killGroup(pid, 'SIGTERM');
      const timer = setTimeout(() => killGroup(pid, 'SIGKILL'), graceMs);
      const how = await exited;
      clearTimeout(timer);
      return how;
    },
    logTail: async (bytes = 4_000) => (await readFile(spec.logFile, 'utf8')).slice(-bytes),
  };
}

/** Ports of the loopback interface that were free a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

/**
 * Polls until `condition` answers something truthy.
 *
 * @throws the signal's reason when aborted, or an Error naming `what` (and the last failure) after `timeoutMs`.
 */
export async function waitFor<T>(
  what: string,
  condition: () => Promise<T | undefined | false | null> | T | undefined | false | null,
  options: { timeoutMs?: number; signal?: AbortSignal; everyMs?: number } = {},
): Promise<T> {
  const deadline = Date.now() + (options.timeoutMs ?? 30_000);
  for (;;) {
    options.signal?.throwIfAborted();
    let failure: unknown;
    try {
      const value = await condition();
      if (value) return value;
    } catch (error) {
      failure = error;
    }
    if (Date.now() >= deadline) throw new Error(`timed out waiting for ${what}`, { cause: failure });
    await new Promise((done) => setTimeout(done, options.everyMs ?? 50));
  }
}

function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Already gone.
  }
}
