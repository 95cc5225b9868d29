import { pino, type DestinationStream, type LoggerOptions as PinoOptions } from 'pino';
import { consoleLine } from './console.ts';
import type { Logger } from './logger.ts';

export interface LoggerOptions {
  /** trace, debug, info or error; anything else means info (RTM-350). Default info. */
  level?: string;
  /** Default json. */
  encoding?: 'json' | 'console';
  /** Default: standard error (RTM-446). */
  destination?: { write(line: string): void };
}

const levels = ['trace', 'debug', 'info', 'error'];

/** A logger that writes upstream's keys: level, ts, msg, logger, error, stacktrace (RTM-446…451). */
export function createLogger(options: LoggerOptions = {}): Logger {
  const level = levels.includes(options.level ?? '') ? options.level! : 'info';
  const verbose = level === 'debug' || level === 'trace';
  const settings: PinoOptions = {
    level,
    base: null,
    messageKey: 'msg',
    timestamp: () => `,"ts":"${new Date().toISOString()}"`,
    formatters: {
      level: (label) => ({ level: label === 'warn' ? 'info' : label === 'fatal' ? 'error' : label }),
      log: (facts) => ('err' in facts ? errorFacts(facts, verbose) : facts),
    },
    // The error is spread over `error` and `stacktrace` by the formatter.
    serializers: { err: () => undefined },
  };
  const destination = options.destination ?? stderrStream();
  const stream: DestinationStream =
    options.encoding === 'console' ? { write: (line) => destination.write(consoleLine(line)) } : destination;
  return pino(settings, stream) as Logger;
}

function stderrStream(): DestinationStream {
  return { write: (line) => void process.stderr.write(line) };
}

/** `err` as text under `error`; with a stack at debug and trace, and for programming errors (RTM-449). */
function errorFacts(facts: Record<string, unknown>, verbose: boolean): Record<string, unknown> {
  const { err, ...rest } = facts;
  if (!(err instanceof Error)) return { ...rest, error: String(err) };
  const withStack = verbose || err.name === 'RecoveredPanic';
  const stack = err.name === 'RecoveredPanic' && err.cause instanceof Error ? err.cause.stack : err.stack;
  return { ...rest, error: errorText(err), ...(withStack ? { stacktrace: stack } : {}) };
}

/** The message with those of its causes, where they add something. */
function errorText(error: Error): string {
  let text = error.message;
  for (let cause = error.cause, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    if (cause.message && !text.includes(cause.message)) text += `: ${cause.message}`;
  }
  return text;
}
