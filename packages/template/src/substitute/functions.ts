import { SubstitutionError } from './errors.ts';
import { parseGlob, prefixMatches } from './glob.ts';

/** Pattern length times value length that one `#`/`%` form may cost. */
const maxMatchCost = 20_000_000;

/**
 * Applies the operator of an expression to a variable's value. Operators without a meaning, and default forms on a
 * non-empty value, answer the value (KUS-167, KUS-171). `room` bounds the length of the answer.
 */
export function applyOperator(operator: string, value: string, args: readonly string[], room: number): string {
  const [first, second] = args;
  switch (operator) {
    case ',':
      return mapFirst(value, toLower);
    case ',,':
      return mapRunes(value, toLower);
    case '^':
      return mapFirst(value, toUpper);
    case '^^':
      return mapRunes(value, toUpper);
    case 'length':
      return String(Buffer.byteLength(value));
    case '#':
    case '##':
    case '%':
    case '%%':
      return trim(value, first ?? '', operator);
    case ':':
      return substring(value, first ?? '', second);
    case '/':
      return first === undefined ? value : value.replace(first, () => second ?? '');
    case '//':
      return first === undefined ? value : replaceAll(value, first, second ?? '', room);
    case '/#':
      return first !== undefined && second !== undefined && value.startsWith(first)
        ? second + value.slice(first.length)
        : value;
    case '/%':
      return first !== undefined && second !== undefined && value.endsWith(first)
        ? value.slice(0, value.length - first.length) + second
        : value;
    default:
      return value === '' ? args.join('') : value;
  }
}

function replaceAll(value: string, search: string, replacement: string, room: number): string {
  const growth = replacement.length - search.length;
  const most = search === '' ? value.length + 1 : Math.floor(value.length / search.length);
  if (growth > 0 && value.length + growth * most > room) {
    const found = search === '' ? most : value.split(search).length - 1;
    if (value.length + growth * found > room)
      throw new SubstitutionError('too-large', 'the substituted text is too large');
  }
  return search === ''
    ? replacement + Array.from(value, (rune) => rune + replacement).join('')
    : value.replaceAll(search, () => replacement);
}

/** Byte offsets, as upstream has them; a cut through a character leaves U+FFFD. */
function substring(value: string, position: string, length: string | undefined): string {
  const from = integer(position);
  if (from === undefined) return value;
  const bytes = Buffer.from(value);
  const start = from < 0 ? Math.max(0, bytes.length + from) : from;
  if (length === undefined) return bytes.toString('utf8', Math.min(start, bytes.length));
  const count = integer(length);
  if (count === undefined) return value;
  if (count < 0) throw new SubstitutionError('negative-length', 'the length of a substring must not be negative');
  return bytes.toString('utf8', Math.min(start, bytes.length), Math.min(start + count, bytes.length));
}

function integer(text: string): number | undefined {
  if (!/^[+-]?[0-9]{1,19}$/.test(text)) return undefined;
  return Number(text);
}

function trim(value: string, pattern: string, operator: '#' | '##' | '%' | '%%'): string {
  const glob = parseGlob(pattern);
  if (glob === undefined) return value;
  if (glob.length * value.length > maxMatchCost)
    throw new SubstitutionError('too-large', `the pattern of ${operator} is too long for a value of this size`);
  const runes = Array.from(value);
  const suffix = operator.startsWith('%');
  const found = suffix ? prefixMatches(glob.toReversed(), runes.toReversed()) : prefixMatches(glob, runes);
  if (found === undefined) return value;
  const count = operator.length === 2 ? found.longest : found.shortest;
  return (suffix ? runes.slice(0, runes.length - count) : runes.slice(count)).join('');
}

/** Rune by rune, so that the number of characters never changes (no `ß` → `SS`). */
function mapRunes(value: string, change: (rune: string) => string): string {
  return /^[\0-\x7f]*$/.test(value) ? change(value) : Array.from(value, change).join('');
}

function mapFirst(value: string, change: (rune: string) => string): string {
  const first = value.codePointAt(0);
  if (first === undefined) return value;
  const rune = String.fromCodePoint(first);
  return change(rune) + value.slice(rune.length);
}

function toUpper(text: string): string {
  const upper = text.toUpperCase();
  return upper.length === text.length ? upper : text;
}

function toLower(text: string): string {
  const lower = text.toLowerCase();
  return lower.length === text.length ? lower : text;
}
