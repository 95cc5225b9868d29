import { keyText } from '@gitops-toolkit/api';
import { type KubeClient, observe } from '@gitops-toolkit/kube';
import { type ObjectRef, refText } from '../object/object.ts';
import { createDeadline } from '../object/time.ts';

/** Objects that are still there when time was up. */
export class TerminationError extends Error {
  override readonly name = 'TerminationError';
  readonly remaining: readonly ObjectRef[];

  constructor(remaining: readonly ObjectRef[]) {
    super(`timeout waiting for deletion of: [${remaining.map(refText).join(', ')}]`);
    this.remaining = remaining;
  }
}

/** An object to wait for. With a uid, one of the same name that was created later counts as gone. */
export interface TerminationRef extends ObjectRef {
  uid?: string;
}

/**
 * Waits until none of the objects exists any more, finalizers included.
 *
 * @throws TerminationError when time is up, the reason of `signal` when it is aborted, and `ApiError` when the objects
 *   may not be read.
 */
export async function waitForTermination(
  client: KubeClient,
  refs: readonly TerminationRef[],
  options: { timeoutMs: number; signal?: AbortSignal },
): Promise<void> {
  if (refs.length === 0) return;
  const remaining = new Map(refs.map((ref) => [nameOf(ref), ref]));
  const deadline = createDeadline(options.timeoutMs, options.signal);
  const done = new AbortController();
  const signal = AbortSignal.any([deadline.signal, done.signal]);
  try {
    await observe(
      client,
      refs.map(({ type, key }) => ({ type, key })),
      (seen, object) => {
        const name = nameOf(seen);
        const uid = remaining.get(name)?.uid;
        if (!object || (uid !== undefined && object.metadata.uid !== uid)) remaining.delete(name);
        if (remaining.size === 0) done.abort();
      },
      { signal },
    );
    if (remaining.size === 0) return;
    if (deadline.expired()) throw new TerminationError(Array.from(remaining.values()));
    options.signal?.throwIfAborted();
  } finally {
    deadline.end();
  }
}

function nameOf({ type, key }: ObjectRef): string {
  return `${type.group}/${type.kind}/${keyText(key)}`;
}
