import type { GitRepository } from '@gitops-toolkit/api';
import { secretText, type Secret } from '@gitops-toolkit/auth';
import { SignatureError, verifySignature, type Checkout, type TrustedKeys } from '@gitops-toolkit/git';
import { failing, isTrue, stalling, type ReconcileContext } from '@gitops-toolkit/runtime';
import { SourceCondition, SourceReason } from '../artifacts/conditions.ts';
import { readSecret } from '../artifacts/secrets.ts';

const { SourceVerified } = SourceCondition;
const failure = { condition: SourceVerified };

/** What has to carry a trusted signature; undefined when nothing has to (SRC-291, SRC-293). */
function modeOf({ spec }: GitRepository): 'HEAD' | 'Tag' | 'TagAndHEAD' | undefined {
  const mode = spec.verify?.mode;
  return mode === 'head' ? 'HEAD' : mode || undefined;
}

/**
 * Forgets what was said about signatures and does not hold any more: that one was bad, and anything at all when none is
 * asked for (SRC-136, SRC-226, SRC-291).
 */
export function forgetVerification({ conditions, object }: ReconcileContext<GitRepository>): void {
  if (modeOf(object) === undefined) {
    conditions.remove(SourceVerified);
    if (object.status) delete object.status.sourceVerificationMode;
  } else if (conditions.isFalse(SourceVerified)) {
    conditions.remove(SourceVerified);
  }
}

/**
 * Whether the stored revision has to be verified although the remote has not moved: what is asked for now was not looked
 * at (SRC-224), or the last verification was not of this revision, because it failed.
 */
export function isVerificationDue(object: GitRepository): boolean {
  const mode = modeOf(object);
  if (mode === undefined) return false;
  const verified = object.status?.sourceVerificationMode;
  return (verified !== mode && verified !== 'TagAndHEAD') || !isTrue(object, SourceVerified);
}

/**
 * Verifies the signatures that the spec asks for, with the keys in its Secret (SRC-291…304). Throws before anything is
 * stored, so that a stored artifact stays as it is.
 */
export async function verifyCheckout(ctx: ReconcileContext<GitRepository>, checkout: Checkout): Promise<void> {
  const { conditions, events, object } = ctx;
  const mode = modeOf(object);
  if (mode === undefined) return;
  const keys = await trustedKeys(ctx);
  const verified: string[] = [];
  if (mode !== 'HEAD') verified.push(await verifyTag(checkout, keys));
  if (mode !== 'Tag') verified.push(await verifyCommit(checkout, keys));
  const message = ['verified signature of', ...verified].join('\n\t- ');
  (object.status ??= {}).sourceVerificationMode = mode;
  conditions.markTrue(SourceVerified, SourceReason.Succeeded, message);
  events.emit({ type: 'Trace', reason: SourceReason.Succeeded, message });
}

/** Values under names that end in `.sshpub` are SSH keys, all others PGP key rings (SRC-292). */
async function trustedKeys(ctx: ReconcileContext<GitRepository>): Promise<TrustedKeys> {
  const secret = await keySecret(ctx);
  const names = Object.keys(secret.data ?? {}).sort();
  const read = (name: string) => secretText(secret, name) ?? '';
  const isSsh = (name: string) => name.endsWith('.sshpub');
  return { pgp: names.filter((name) => !isSsh(name)).map(read), ssh: names.filter(isSsh).map(read) };
}

async function keySecret(ctx: ReconcileContext<GitRepository>): Promise<Secret> {
  try {
    return await readSecret(ctx, ctx.object.spec.verify!.secretRef.name);
  } catch (error) {
    ctx.signal.throwIfAborted();
    const message = `public keys secret error: ${(error as Error).message}`;
    throw failing(SourceReason.VerificationError, message, { ...failure, cause: error });
  }
}

/** Only a tag that the reference asked for counts, and the tag object that it was when it was asked for (SRC-294). */
async function verifyTag({ tag }: Checkout, keys: TrustedKeys): Promise<string> {
  if (tag === undefined) {
    const message = `cannot verify tag object's signature if a tag reference is not specified`;
    throw stalling(SourceReason.InvalidVerificationMode, message, failure);
  }
  const name = tag.object === undefined ? tag.name : `${tag.name}@${tag.object.oid}`;
  if (tag.object?.signed === undefined) {
    const message = `cannot verify signature of tag '${name}' since it is not signed`;
    throw failing(SourceReason.InvalidGitObject, message, failure);
  }
  try {
    return `tag '${name}' with key '${await verifySignature(tag.object.signed, keys, 'tag')}'`;
  } catch (error) {
    throw refused(error, SourceReason.InvalidTagSignature, `tag '${name}'`);
  }
}

async function verifyCommit({ commit }: Checkout, keys: TrustedKeys): Promise<string> {
  try {
    return `commit '${commit.oid}' with key '${await verifySignature(commit.signed, keys, 'commit')}'`;
  } catch (error) {
    throw refused(error, SourceReason.InvalidCommitSignature, `commit '${commit.oid}'`);
  }
}

function refused(error: unknown, reason: string, what: string): unknown {
  if (!(error instanceof SignatureError)) return error;
  const message = `signature verification of ${what} failed: ${error.message}`;
  return failing(reason, message, { ...failure, cause: error });
}
