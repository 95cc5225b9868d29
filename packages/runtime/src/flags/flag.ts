/** A command-line flag: how its text becomes a value, its default, and its line in the usage. */
export interface Flag<T> {
  /** Word shown in the usage, for instance `duration`. */
  readonly type: string;
  /** What it is when neither the flag nor its variable is given. */
  readonly defaultValue: T;
  /** The default as shown in the usage. */
  readonly defaultText: string;
  readonly help: string;
  /** Variable that replaces the default; empty counts as not set (RTM-435). */
  readonly env?: string;
  /** `--flag` without value means true. */
  readonly isBoolean: boolean;
  /** Value of one occurrence. `previous` is the value of an earlier occurrence, for flags that collect. Throws `FlagValueError`. */
  parse(text: string, previous: T | undefined): T;
}

/** Declarations by flag name (without dashes). */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the value type differs per flag
export type FlagSet = Record<string, Flag<any>>;

/** The values of a flag set. */
export type FlagValues<F extends FlagSet> = {
  readonly [Name in keyof F]: F[Name] extends Flag<infer T> ? T : never;
};

/** A flag's text cannot be understood. */
export class FlagValueError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FlagValueError';
  }
}
