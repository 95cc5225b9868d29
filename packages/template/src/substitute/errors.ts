/** What went wrong in a substitution; `message` carries the same fact as text (KUS-174). */
export type SubstitutionErrorCode =
  | 'bad-substitution'
  | 'missing-closing-brace'
  | 'bad-variable-name'
  | 'bad-function'
  | 'bad-default'
  | 'variable-not-set'
  | 'invalid-variable-name'
  | 'negative-length'
  | 'too-large';

/** A template that cannot be substituted. The message never contains a variable's value or text of the template. */
export class SubstitutionError extends Error {
  override readonly name = 'SubstitutionError';
  readonly code: SubstitutionErrorCode;
  /** The variable concerned, when one was recognised. */
  readonly variable: string | undefined;
  /** Line of the template, from 1. */
  readonly line: number | undefined;

  constructor(code: SubstitutionErrorCode, message: string, details: { variable?: string; line?: number } = {}) {
    super(message);
    this.code = code;
    this.variable = details.variable;
    this.line = details.line;
  }
}
