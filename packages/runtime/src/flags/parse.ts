import { FlagValueError, type Flag, type FlagSet, type FlagValues } from './flag.ts';

/** The command line cannot be understood: usage and exit code 2 (RTM-266). */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** `--help` was given. */
export class HelpRequested extends Error {
  constructor() {
    super('help requested');
    this.name = 'HelpRequested';
  }
}

/**
 * Values of the flags on a command line: `--flag=value`, `--flag value`, `--flag` and `--flag=false` for booleans; the
 * last occurrence wins; a single dash is fine for long names (RTM-403). Variables replace defaults (RTM-435).
 *
 * @throws UsageError unknown flag, missing or unreadable value, stray argument
 * @throws HelpRequested
 */
export function parseFlags<F extends FlagSet>(
  declared: F,
  args: readonly string[],
  env: Record<string, string | undefined> = process.env,
): { values: FlagValues<F>; given: Set<string> } {
  const values: Record<string, unknown> = {};
  const given = new Set<string>();
  for (const [name, flag] of Object.entries(declared)) values[name] = initialValue(name, flag, env);

  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const match = /^--?([^=\s-][^=\s]*)(?:=([\s\S]*))?$/.exec(arg);
    if (!match) throw new UsageError(`unexpected argument '${arg}'`);
    const [, name = '', attached] = match;
    const flag = Object.hasOwn(declared, name) ? declared[name] : undefined;
    if (!flag) {
      if (name === 'help' || name === 'h') throw new HelpRequested();
      throw new UsageError(`unknown flag: --${name}`);
    }
    const text = attached ?? (flag.isBoolean ? 'true' : rest.shift());
    if (text === undefined) throw new UsageError(`flag needs a value: --${name}`);
    values[name] = readValue(`--${name}`, flag, text, given.has(name) ? values[name] : undefined);
    given.add(name);
  }
  return { values: values as FlagValues<F>, given };
}

function initialValue(name: string, flag: Flag<unknown>, env: Record<string, string | undefined>): unknown {
  const text = flag.env === undefined ? undefined : env[flag.env];
  return text ? readValue(`${flag.env} (for --${name})`, flag, text, undefined) : flag.defaultValue;
}

function readValue(where: string, flag: Flag<unknown>, text: string, previous: unknown): unknown {
  try {
    return flag.parse(text, previous);
  } catch (error) {
    if (error instanceof FlagValueError) throw new UsageError(`invalid value for ${where}: ${error.message}`);
    throw error;
  }
}

/** What `--help` prints: every flag with its type, meaning and default, by name. */
export function usage(program: string, declared: FlagSet): string {
  const lines = Object.entries(declared)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { type, help, defaultText, env, isBoolean }]) => {
      const notes = [defaultText && `default ${defaultText}`, env && `variable ${env}`].filter(Boolean).join(', ');
      return `      --${name}${isBoolean ? '' : ` ${type}`}\n            ${help}${notes && ` (${notes})`}`;
    });
  return `Usage of ${program}:\n${lines.join('\n')}\n`;
}
