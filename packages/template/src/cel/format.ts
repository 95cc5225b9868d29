import { EvaluationError } from '@marcbachmann/cel-js';

/** `string.format(list)` of the strings extension: `%s %d %f %e %b %o %x %X %%`, with precision for `f` and `e`. */
export function format(template: string, args: readonly unknown[]): string {
  let next = 0;
  const text = template.replace(/%(?:\.(\d{1,3}))?([\s\S]?)/g, (_, precision: string | undefined, verb: string) => {
    if (verb === '%') return '%';
    if (next >= args.length) throw new EvaluationError(`format(): no argument for %${verb} at index ${next}`);
    return render(verb, args[next++], precision === undefined ? 6 : Number(precision));
  });
  return text;
}

function render(verb: string, value: unknown, precision: number): string {
  switch (verb) {
    case 's':
      return display(value);
    case 'd':
      if (typeof value === 'bigint' || isUnsigned(value)) return String(value.valueOf());
      break;
    case 'f':
      if (isNumber(value)) return Number(value.valueOf()).toFixed(Math.min(precision, 100));
      break;
    case 'e':
      if (isNumber(value)) {
        const [digits, exponent] = Number(value.valueOf()).toExponential(Math.min(precision, 100)).split('e');
        return `${digits}e${exponent![0]}${exponent!.slice(1).padStart(2, '0')}`;
      }
      break;
    case 'b':
      if (typeof value === 'boolean') return value ? '1' : '0';
      if (typeof value === 'bigint' || isUnsigned(value)) return value.valueOf().toString(2);
      break;
    case 'o':
      if (typeof value === 'bigint' || isUnsigned(value)) return value.valueOf().toString(8);
      break;
    case 'x':
    case 'X': {
      const hex =
        typeof value === 'bigint' || isUnsigned(value)
          ? value.valueOf().toString(16)
          : typeof value === 'string' || value instanceof Uint8Array
            ? Buffer.from(value as string).toString('hex')
            : undefined;
      if (hex !== undefined) return verb === 'X' ? hex.toUpperCase() : hex;
      break;
    }
  }
  throw new EvaluationError(`format(): %${verb} does not fit its argument`);
}

function display(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `[${value.map(display).join(', ')}]`;
  if (value instanceof Date) return value.toISOString().replace('.000Z', 'Z');
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  const entries = value instanceof Map ? Array.from(value) : isPlain(value) ? Object.entries(value) : undefined;
  if (entries !== undefined) {
    const fields = entries.map(([key, field]) => `${display(key)}: ${display(field)}`).sort();
    return `{${fields.join(', ')}}`;
  }
  return String(value);
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function isUnsigned(value: unknown): value is { valueOf(): bigint } {
  return typeof value === 'object' && value !== null && typeof value.valueOf() === 'bigint';
}

function isNumber(value: unknown): value is number | bigint | { valueOf(): bigint } {
  return typeof value === 'number' || typeof value === 'bigint' || isUnsigned(value);
}

const escapes: Record<string, string> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

/** `strings.quote`: a double-quoted literal with escapes. */
export function quote(text: string): string {
  return `"${text.replace(/[\x07\b\f\n\r\t\v\\"]/g, (char) => escapes[char]!)}"`;
}
