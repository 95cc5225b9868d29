import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { UpOptions } from './options.ts';
import { freePorts, startController, type ControllerProcess } from './process.ts';

/** The controllers that `gotk up` runs. */
export interface Controllers {
  /** Resolves with the name of the first controller that ends by itself. */
  failed: Promise<string>;
  /** The last lines of a controller's log. */
  tailOf(name: string): string;
  stop(): Promise<void>;
}

const apps = resolve(import.meta.dirname, '../../..');

/** Starts the source and kustomize controllers, each a process of its own, and waits until they are ready. */
export async function startControllers(
  kubeconfig: string,
  options: UpOptions,
  scratch: string,
  logs: string,
  signal: AbortSignal,
): Promise<Controllers> {
  const [storagePort] = await freePorts(1);
  const storage = join(scratch, 'storage');
  await mkdir(storage);
  const common = [`--log-level=${options.logLevel}`, '--log-encoding=json', '--watch-all-namespaces=true'];
  const start = (name: string, args: string[]) =>
    startController({
      name,
      program: join(apps, name, 'src', 'main.ts'),
      args: [...common, ...args],
      env: { KUBECONFIG: kubeconfig, RUNTIME_NAMESPACE: options.namespace, TMPDIR: scratch },
      logFile: join(logs, `${name}.log`),
    });

  const running: ControllerProcess[] = await Promise.all([
    start('source-controller', [
      `--storage-path=${storage}`,
      `--storage-addr=127.0.0.1:${storagePort}`,
      `--storage-adv-addr=127.0.0.1:${storagePort}`,
    ]),
    start('kustomize-controller', ['--requeue-dependency=5s']),
  ]);
  const stop = async () => void (await Promise.all(running.map((each) => each.stop())));
  try {
    await Promise.all(running.map((each) => each.ready(signal)));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    failed: Promise.race(running.map(async (each) => (await each.exited, each.name))),
    tailOf: (name) => tail(join(logs, `${name}.log`)),
    stop,
  };
}

function tail(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15).join('\n') : '(no log)';
}
