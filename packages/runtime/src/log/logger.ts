import type { Logger as PinoLogger } from 'pino';

/**
 * A structured logger with the levels error, info, debug and trace. Facts first, message second:
 * `log.info({ revision }, 'stored artifact')`; an error goes under the key `err`.
 */
export type Logger = Pick<PinoLogger, 'error' | 'info' | 'debug' | 'trace' | 'isLevelEnabled'> & {
  /** A logger whose lines carry these facts too. */
  child(facts: Record<string, unknown>): Logger;
};
