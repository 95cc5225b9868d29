import { Worker } from 'node:worker_threads';
import { CorruptObjectsError, GitError, LimitExceededError, UnsafeTreeError } from '../errors.ts';
import { type Job, type JobResult, type Reply } from './job.ts';

const classes: Record<string, new (message: string) => GitError> = {
  CorruptObjectsError,
  LimitExceededError,
  UnsafeTreeError,
};

/** Runs a job in a thread of its own, which an abort ends at once whatever it is doing. */
export async function runJob<K extends JobResult['kind']>(
  job: Job & { task: { kind: K } },
  signal: AbortSignal,
): Promise<JobResult & { kind: K }> {
  signal.throwIfAborted();
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: job });
  let abort: (() => void) | undefined;
  try {
    const reply = await new Promise<Reply>((done, failed) => {
      abort = () => failed(signal.reason);
      signal.addEventListener('abort', abort, { once: true });
      worker.once('message', done);
      worker.once('error', failed);
      worker.once('exit', (code) => failed(new GitError(`the checkout thread ended with code ${code}`)));
    });
    if ('result' in reply) return reply.result as JobResult & { kind: K };
    throw new (classes[reply.error.name] ?? GitError)(reply.error.message);
  } finally {
    if (abort !== undefined) signal.removeEventListener('abort', abort);
    await worker.terminate();
  }
}
