import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';

/** A controller running as a process of its own, its log in a file. */
export interface ControllerProcess {
  name: string;
  logFile: string;
  /** Settles when the process has ended; never rejects. */
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Resolves when `/readyz` answers 200; rejects when the process ends first or the signal aborts. */
  ready(signal: AbortSignal): Promise<void>;
  /** SIGTERM, then SIGKILL after `graceMs`. */
  stop(graceMs?: number): Promise<void>;
}

export interface ControllerSpec {
  name: string;
  /** The program, for instance `apps/source-controller/src/main.ts`. */
  program: string;
  args: string[];
  env: Record<string, string>;
  logFile: string;
}

/** Ports that were free a moment ago on the loopback interface. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

/** Starts a controller exactly as its container does: the program, its flags, nothing shared but the API server. */
export async function startController(spec: ControllerSpec): Promise<ControllerProcess> {
  const [healthPort, metricsPort] = await freePorts(2);
  const log = createWriteStream(spec.logFile, { flags: 'a' });
  const child = spawn(
    process.execPath,
    [spec.program, `--health-addr=127.0.0.1:${healthPort}`, `--metrics-addr=127.0.0.1:${metricsPort}`, ...spec.args],
    // A group of its own, so that Ctrl-C reaches this program first and it can clean up while controllers still run.
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...spec.env }, detached: true },
  );
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((done) => {
    child.once('exit', (code, signal) => done({ code, signal }));
    child.once('error', () => done({ code: 1, signal: null }));
  });
  void exited.then(() => log.end());
  const killWithParent = () => killGroup(child, 'SIGKILL');
  process.once('exit', killWithParent);
  void exited.then(() => process.off('exit', killWithParent));

  return {
    name: spec.name,
    logFile: spec.logFile,
    exited,
    ready: (signal) => waitUntilReady(`http://127.0.0.1:${healthPort}/readyz`, spec, exited, signal),
    async stop(graceMs = 15_000) {
      killGroup(child, 'SIGTERM');
      const timer = setTimeout(() => killGroup(child, 'SIGKILL'), graceMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

async function waitUntilReady(
  url: string,
  spec: ControllerSpec,
  exited: ControllerProcess['exited'],
  signal: AbortSignal,
): Promise<void> {
  let ended: { code: number | null; signal: NodeJS.Signals | null } | undefined;
  void exited.then((how) => (ended = how));
  for (;;) {
    signal.throwIfAborted();
    if (ended) {
      throw new Error(
        `${spec.name} ended with ${ended.signal ?? `code ${ended.code}`} before it was ready; see ${spec.logFile}`,
      );
    }
    const answer = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(2_000)]) }).catch(
      () => undefined,
    );
    await answer?.body?.cancel();
    if (answer?.status === 200) return;
    await new Promise((done) => setTimeout(done, 50));
  }
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Already gone.
  }
}
