/** A mistake on the command line; `gotk` prints the message and exits with 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}
