import { type KubeObject, objectText } from '@gitops-toolkit/api';
import { ApiError, isConflict, isInvalid, isNotFound } from '@gitops-toolkit/kube';
import { changeLog, type Change } from '../change/change-set.ts';
import { fieldAt, isRecord } from '../object/object.ts';
import { messageOf } from '../object/time.ts';

/** The step of the apply of one object that failed. */
export type ApplyStep = 'dry-run' | 'recreate' | 'cleanup' | 'migrate' | 'apply';

/** One object could not be applied; the message names it, the step, and the reason of the API server. */
export class ObjectApplyError extends Error {
  override readonly name = 'ObjectApplyError';
  readonly object: KubeObject;
  readonly step: ApplyStep;

  constructor(object: KubeObject, step: ApplyStep, message: string, cause: unknown) {
    super(`${objectText(object)} ${message}`, { cause });
    this.object = object;
    this.step = step;
  }
}

/**
 * An apply ended before all objects were applied. The message is that of the cause, and a line for each object that
 * earlier stages wrote (KUS-236).
 */
export class ApplyError extends Error {
  override readonly name = 'ApplyError';
  /** What happened before, in order. */
  readonly changes: readonly Change[];

  constructor(cause: unknown, changes: readonly Change[]) {
    const log = changeLog(changes);
    super(log ? `${messageOf(cause)}\n${log}` : messageOf(cause), { cause });
    this.changes = changes;
  }
}

/** The error of a step on an object: the fact, and what the API server said about it. */
export function objectError(object: KubeObject, step: ApplyStep, fact: string, cause: unknown): ObjectApplyError {
  return new ObjectApplyError(object, step, `${fact}: ${serverText(object, cause)}`, safeCause(object, cause));
}

/** The error of a dry run that failed, in the form of KUS-244 and §5.11.3. */
export function dryRunError(object: KubeObject, cause: unknown): ObjectApplyError {
  let fact = 'not found';
  if (!isNotFound(cause)) {
    const reason = reasonOf(cause);
    fact = `dry-run failed${reason && ` (${reason})`}`;
  } else if (!object.metadata.namespace) {
    fact = 'namespace not specified';
  }
  return objectError(object, 'dry-run', fact, cause);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof ApiError)) return '';
  if (error.causes.some(({ reason }) => reason === 'FieldManagerConflict')) return 'FieldManagerConflict';
  return error.reason;
}

/** True when the change cannot be made to an existing object (KUS-245). */
export function isImmutableError(error: unknown): boolean {
  return isConflict(error) || isInvalid(error) || /is\simmutable|immutable\sfield/.test(messageOf(error));
}

/**
 * An error of the API server about an object, for use as a cause. What it says about a Secret is repeated without the
 * Secret's values, since causes end up in logs (KUS-250).
 */
function safeCause(object: KubeObject, error: unknown): unknown {
  if (!isSecret(object)) return error;
  const message = serverText(object, error);
  if (!(error instanceof ApiError)) return new Error(message);
  const { code, reason, method, path } = error;
  return new ApiError({ status: { status: 'Failure', code, reason, message }, method, path });
}

/** What the server said about an object, without the values of a Secret (KUS-250). */
function serverText(object: KubeObject, error: unknown): string {
  let text = messageOf(error);
  if (!isSecret(object)) return text;
  text = text.replace(/Invalid value: (?:"(?:\\.|[^"\\])*"|\{[^}]*\}|[^:]*)/g, 'Invalid value: ***');
  for (const field of ['data', 'stringData']) {
    const values = fieldAt(object, field);
    if (!isRecord(values)) continue;
    for (const value of Object.values(values)) {
      if (typeof value !== 'string' || value.length < 4) continue;
      text = text.replaceAll(value, '***');
      const plain = Buffer.from(value, 'base64').toString();
      if (field === 'data' && plain.length >= 4) text = text.replaceAll(plain, '***');
    }
  }
  return text;
}

function isSecret(object: KubeObject): boolean {
  return object.kind === 'Secret' && object.apiVersion === 'v1';
}
