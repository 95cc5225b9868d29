import { GitError } from '../errors.ts';

/** A commit or tag does not carry a signature by one of the trusted keys. */
export class SignatureError extends GitError {
  override readonly name = 'SignatureError';
}
