import { createLogger, type LoggerOptions } from './pino.ts';

function logger(options: LoggerOptions = {}) {
  const lines: string[] = [];
  const log = createLogger({ ...options, destination: { write: (line) => void lines.push(line) } });
  return { log, lines, last: () => JSON.parse(lines.at(-1)!) as Record<string, unknown> };
}

test('RTM-446, RTM-447: one JSON object a line with level, ts, msg and the facts', () => {
  const { log, lines, last } = logger();
  log.child({ logger: 'setup' }).info({ revision: 'r' }, 'hello');
  expect(lines).toEqual([expect.stringMatching(/\}\n$/)]);
  expect(last()).toEqual({
    level: 'info',
    ts: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    logger: 'setup',
    revision: 'r',
    msg: 'hello',
  });
});

test('RTM-447, RTM-449: errors are text under `error`; stacks only from debug on, or for programming errors', () => {
  const error = new Error('no host', { cause: new Error('ENOTFOUND') });
  const { log, last } = logger();
  log.error({ err: error }, 'failed');
  expect(last()).toMatchObject({ level: 'error', error: 'no host: ENOTFOUND', msg: 'failed' });
  expect(last()).not.toHaveProperty('stacktrace');
  const verbose = logger({ level: 'debug' });
  verbose.log.error({ err: error }, 'failed');
  expect(verbose.last().stacktrace).toContain('log.test.ts');
  const panic = new Error('panic: x [recovered]', { cause: new TypeError('x') });
  panic.name = 'RecoveredPanic';
  log.error({ err: panic }, 'failed');
  expect(last().stacktrace).toContain('TypeError');
});

test('RTM-350, RTM-451: levels hide what is below; an unknown level means info', () => {
  const seen = (level: string) => {
    const { log, lines } = logger({ level });
    for (const name of ['error', 'info', 'debug', 'trace'] as const) log[name](name);
    return lines.length;
  };
  expect(['error', 'info', 'debug', 'trace', 'loud'].map(seen)).toEqual([1, 2, 3, 4, 2]);
});

test('RTM-351, RTM-446, RTM-451: console encoding is tab-separated with the level in capitals', () => {
  const { log, lines } = logger({ encoding: 'console' });
  log.info({ revision: 'r' }, 'hello');
  expect(lines[0]).toMatch(/^\S+Z\tINFO\thello\t\{"revision":"r"\}\n$/);
});
