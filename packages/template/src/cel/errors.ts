/** Where an expression went wrong: reading it, checking its types, running it, or running it for too long. */
export type CelPhase = 'parse' | 'check' | 'evaluate' | 'limit';

/** An expression that cannot be used. The message carries the text of the expression (RTM-229). */
export class CelError extends Error {
  override readonly name = 'CelError';
  readonly expression: string;
  readonly phase: CelPhase;

  constructor(expression: string, phase: CelPhase, message: string, cause?: unknown) {
    super(message, { cause });
    this.expression = expression;
    this.phase = phase;
  }
}
