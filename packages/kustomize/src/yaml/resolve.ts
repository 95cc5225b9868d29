import { TAG } from './node.ts';

/** Which rules decide the type of a plain scalar: kustomization files follow YAML 1.1, resources 1.2 (KZE-101, KZE-561). */
export type Dialect = '1.1' | '1.2';

const WORDS_12 = new Map<string, string>();
for (const word of ['', '~', 'null', 'Null', 'NULL']) WORDS_12.set(word, TAG.null);
for (const word of ['true', 'True', 'TRUE', 'false', 'False', 'FALSE']) WORDS_12.set(word, TAG.bool);
for (const word of ['.nan', '.NaN', '.NAN', '.inf', '.Inf', '.INF']) WORDS_12.set(word, TAG.float);
for (const word of ['+.inf', '+.Inf', '+.INF', '-.inf', '-.Inf', '-.INF']) WORDS_12.set(word, TAG.float);

const WORDS_11 = new Map(WORDS_12);
for (const word of ['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON']) WORDS_11.set(word, TAG.bool);
for (const word of ['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF']) WORDS_11.set(word, TAG.bool);

const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const INTEGER = /^[-+]?(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|[1-9][0-9]*|0)$/;
const TIMESTAMP =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt]|[ ]+)(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,9}))?([ ]*(?:Z|[+-]\d{2}:\d{2}))?)?$/;

/** The type tag of a plain scalar. */
export function resolvePlain(value: string, dialect: Dialect = '1.2'): string {
  if (value.length <= 5) {
    const word = (dialect === '1.1' ? WORDS_11 : WORDS_12).get(value);
    if (word !== undefined) return word;
  }
  const first = value.charCodeAt(0);
  const digit = first >= 48 && first <= 57;
  if (!digit && first !== 43 && first !== 45) {
    return first === 46 && FLOAT.test(value) && Number.isFinite(Number(value)) ? TAG.float : TAG.string;
  }
  if (digit && parseTimestamp(value) !== undefined) return TAG.timestamp;
  const plain = value.includes('_') ? value.replaceAll('_', '') : value;
  if (INTEGER.test(plain)) {
    const integer = parseInteger(plain);
    if (integer >= MIN_INT64 && integer <= MAX_UINT64) return TAG.int;
    return /^[-+]?[0-9]/.test(plain) && FLOAT.test(plain) ? TAG.float : TAG.string;
  }
  return FLOAT.test(plain) && Number.isFinite(Number(plain)) ? TAG.float : TAG.string;
}

const MIN_INT64 = -(2n ** 63n);
const MAX_UINT64 = 2n ** 64n - 1n;

function parseInteger(plain: string): bigint {
  const negative = plain.startsWith('-');
  const digits = plain.replace(/^[-+]/, '');
  const value = /^0[0-7]+$/.test(digits) ? BigInt(`0o${digits}`) : BigInt(digits.toLowerCase());
  return negative ? -value : value;
}

/** What a scalar of a known type stands for; integers beyond 2^53 as bigint. */
export function scalarValue(value: string, tag: string): string | number | bigint | boolean | null {
  switch (tag) {
    case TAG.null:
      return null;
    case TAG.bool:
      return /^(t|y|on$)/i.test(value);
    case TAG.int: {
      const integer = parseInteger(value.replaceAll('_', ''));
      const number = Number(integer);
      return Number.isSafeInteger(number) ? number : integer;
    }
    case TAG.float:
      return parseFloatText(value.replaceAll('_', ''));
    case TAG.timestamp:
      return parseTimestamp(value) ?? value;
    default:
      return value;
  }
}

function parseFloatText(value: string): number {
  const special = /^([-+]?)\.(inf|nan)$/i.exec(value);
  if (special) return special[2]!.toLowerCase() === 'nan' ? NaN : special[1] === '-' ? -Infinity : Infinity;
  return Number(value);
}

/** RFC 3339 text of a timestamp, or undefined when it is none (KZE-562). */
export function parseTimestamp(value: string): string | undefined {
  if (value.length < 8 || value.charCodeAt(4) !== 45) return undefined;
  const match = TIMESTAMP.exec(value);
  if (!match) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = ''] = match;
  const lastDay = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  if (Number(month) < 1 || Number(month) > 12 || Number(day) < 1 || Number(day) > lastDay) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  // A date and time joined by a blank has no zone; joined by T it needs one.
  const joined = value.includes('T') || value.includes('t');
  if (match[4] !== undefined && joined === (zone.trim() === '')) return undefined;
  const pad = (part: string) => part.padStart(2, '0');
  const digits = fraction.replace(/0+$/, '');
  const suffix = zone.trim() === '' || zone.trim() === '+00:00' || zone.trim() === '-00:00' ? 'Z' : zone.trim();
  return `${year}-${pad(month!)}-${pad(day!)}T${pad(hour)}:${pad(minute)}:${pad(second)}${digits && `.${digits}`}${suffix}`;
}

/** True when YAML 1.1 would not read the plain text as a string: such text is written quoted (KZE-573). */
export function looksLikeNonString(value: string): boolean {
  if (value === '' || value.includes('\n')) return false;
  return resolvePlain(value, '1.1') !== TAG.string;
}
