import { Worker } from 'node:worker_threads';
import { CorruptObjectsError, GitError, LimitExceededError, UnsafeTreeError } from '../errors.ts';
import { type Job, type JobResult, type Reply } from './job.ts';

const classes: Record<string, new (message: string) => GitError> = {
  CorruptObjectsError,
  LimitExceededError,
  UnsafeTreeError,
};

// Starting a thread costs more than a small checkout, so a few wait for the next job for a while. They do not keep the
// process alive.
const maxIdle = 2;
const idleTime = 30_000;
const idle: { worker: Worker; retire: () => void; expiry: NodeJS.Timeout }[] = [];

/** Runs a job in a thread of its own, which an abort ends at once whatever it is doing. */
export async function runJob<K extends JobResult['kind']>(
  job: Job & { task: { kind: K } },
  signal: AbortSignal,
): Promise<JobResult & { kind: K }> {
  signal.throwIfAborted();
  const worker = takeThread();
  const ended = Promise.withResolvers<Reply>();
  const { resolve: replied, reject: failed } = ended;
  const exited = (code: number) => failed(new GitError(`the checkout thread ended with code ${code}`));
  const aborted = () => failed(signal.reason);
  let isReusable = false;
  signal.addEventListener('abort', aborted);
  worker.on('message', replied).on('error', failed).on('exit', exited);
  try {
    worker.postMessage(job);
    const reply = await ended.promise;
    isReusable = true;
    if ('result' in reply) return reply.result as JobResult & { kind: K };
    throw new (classes[reply.error.name] ?? GitError)(reply.error.message);
  } finally {
    signal.removeEventListener('abort', aborted);
    worker.off('message', replied).off('error', failed).off('exit', exited);
    if (!isReusable || !returnThread(worker)) await worker.terminate();
  }
}

function takeThread(): Worker {
  const waiting = idle.pop();
  if (waiting === undefined) {
    const worker = new Worker(new URL('./worker.ts', import.meta.url));
    // An error between two jobs, or while it is ended, must not crash the process.
    return worker.on('error', () => undefined);
  }
  const { worker, retire, expiry } = waiting;
  clearTimeout(expiry);
  worker.off('exit', retire).ref();
  return worker;
}

/** Lets a thread wait for the next job; false when enough do. */
function returnThread(worker: Worker): boolean {
  if (idle.length >= maxIdle) return false;
  worker.unref();
  const retire = () => {
    const index = idle.findIndex((entry) => entry.worker === worker);
    if (index !== -1) idle.splice(index, 1);
    void worker.terminate();
  };
  worker.on('exit', retire);
  idle.push({ worker, retire, expiry: setTimeout(retire, idleTime).unref() });
  return true;
}

/** Ends the threads that wait for work. */
export async function endIdleThreads(): Promise<void> {
  await Promise.all(
    idle.splice(0).map(({ worker, expiry }) => {
      clearTimeout(expiry);
      return worker.terminate();
    }),
  );
}
