import { type Plain } from '../yaml/data.ts';
import { numberText } from './number.ts';
import { compareKeys } from './order.ts';
import { styleOf, type Style } from './style.ts';

const BEST_WIDTH = 80;
const MAX_SIMPLE_KEY = 128;
const ENCODER = new TextEncoder();

/** YAML text of one object, byte for byte what the reference prints (KZE-930 to KZE-943). Ends with a newline. */
export function emitObject(value: Plain): string {
  const out: string[] = [];
  if (isMap(value) && Object.keys(value).length > 0) emitMap(out, value, 0, false);
  else if (Array.isArray(value) && value.length > 0) emitList(out, value, 0, false);
  else {
    emitScalar(out, value, 0, 0);
    out.push('\n');
  }
  return out.join('');
}

function isMap(value: Plain): value is { [key: string]: Plain } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `inline`: the first line continues one that already holds a dash. */
function emitMap(out: string[], value: { [key: string]: Plain }, indent: number, inline: boolean): void {
  const pad = ' '.repeat(indent);
  const keys = Object.keys(value).sort(compareKeys);
  let first = inline;
  for (const key of keys) {
    if (!first) out.push(pad);
    first = false;
    const item = value[key]!;
    if (isSimpleKey(key)) {
      const keyText = keyOf(key);
      out.push(keyText, ':');
      emitField(out, item, indent, indent + charLength(keyText) + 1);
    } else {
      out.push('? ');
      emitScalar(out, key, indent, indent + 2);
      out.push('\n', pad, ':');
      emitField(out, item, indent, indent + 1);
    }
  }
}

function isSimpleKey(key: string): boolean {
  if (key.length <= MAX_SIMPLE_KEY / 3) return !key.includes('\n');
  return !key.includes('\n') && ENCODER.encode(key).length <= MAX_SIMPLE_KEY;
}

const KEYS = new Map<string, string>();

function keyOf(key: string): string {
  const known = KEYS.get(key);
  if (known !== undefined) return known;
  const written = quote(key, styleOf(key, true));
  if (KEYS.size < 10_000 && key.length < 64) KEYS.set(key, written);
  return written;
}

function quote(value: string, style: Style): string {
  if (style === 'plain') return value;
  return style === 'single' ? `'${value.replaceAll("'", "''")}'` : `"${escapeAll(value)}"`;
}

/** What follows the colon of a key in a map indented by `indent`. */
function emitField(out: string[], value: Plain, indent: number, column: number): void {
  if (typeof value === 'object' && value !== null) {
    if (Array.isArray(value)) {
      if (value.length > 0) {
        out.push('\n');
        emitList(out, value, indent, false);
        return;
      }
    } else if (Object.keys(value).length > 0) {
      out.push('\n');
      emitMap(out, value, indent + 2, false);
      return;
    }
  }
  out.push(' ');
  emitScalar(out, value, indent, column + 1);
  out.push('\n');
}

function emitList(out: string[], items: Plain[], indent: number, inline: boolean): void {
  const pad = ' '.repeat(indent);
  let first = inline;
  for (const item of items) {
    out.push(first ? '- ' : `${pad}- `);
    first = false;
    if (Array.isArray(item) && item.length > 0) emitList(out, item, indent + 2, true);
    else if (isMap(item) && Object.keys(item).length > 0) emitMap(out, item, indent + 2, true);
    else {
      emitScalar(out, item, indent, indent + 2);
      out.push('\n');
    }
  }
}

/** Writes a scalar or an empty collection; `indent` is that of the parent, `column` where the text starts. */
function emitScalar(out: string[], value: Plain, indent: number, column: number): void {
  switch (typeof value) {
    case 'string':
      out.push(stringText(value, indent + 2, column));
      return;
    case 'number':
    case 'bigint':
      out.push(numberText(value));
      return;
    case 'boolean':
      out.push(value ? 'true' : 'false');
      return;
    default:
      out.push(value === null ? 'null' : Array.isArray(value) ? '[]' : '{}');
  }
}

function stringText(input: string, indent: number, column: number): string {
  const value = input.isWellFormed() ? input : input.toWellFormed();
  const style = styleOf(value, false);
  if (style === 'literal') return literal(value, indent);
  if (column + value.length <= BEST_WIDTH || !value.includes(' ')) return quote(value, style);
  return style === 'double' ? foldDouble(value, indent, column) : foldPlain(value, indent, column, style === 'single');
}

function literal(value: string, indent: number): string {
  const hint = value.startsWith(' ') || value.startsWith('\n') ? '2' : '';
  const chomp = !value.endsWith('\n') ? '-' : value.length === 1 || value.endsWith('\n\n') ? '+' : '';
  const pad = ' '.repeat(indent);
  const lines = value.split('\n');
  if (lines.at(-1) === '') lines.pop();
  // The newline that ends the last line is written by the caller.
  return `|${hint}${chomp}\n${lines.map((line) => (line === '' ? '' : pad + line)).join('\n')}`;
}

/** Breaks at single blanks once the column is past 80 (KZE-941). */
function foldPlain(value: string, indent: number, start: number, single: boolean): string {
  const pad = `\n${' '.repeat(indent)}`;
  const chars = [...value];
  let column = start + (single ? 1 : 0);
  let result = single ? "'" : '';
  let spaces = false;
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i]!;
    if (char === ' ') {
      const inside = single ? i > 0 && i < chars.length - 1 : true;
      if (!spaces && column > BEST_WIDTH && inside && chars[i + 1] !== ' ') {
        result += pad;
        column = indent;
      } else {
        result += ' ';
        column++;
      }
      spaces = true;
      continue;
    }
    if (single && char === "'") {
      result += "''";
      column += 2;
    } else {
      result += char;
      column++;
    }
    spaces = false;
  }
  return single ? `${result}'` : result;
}

function foldDouble(value: string, indent: number, start: number): string {
  const pad = `\n${' '.repeat(indent)}`;
  const chars = [...value];
  let column = start + 1;
  let result = '"';
  let spaces = false;
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i]!;
    if (char !== ' ') {
      const written = escapeChar(char);
      result += written;
      column += charLength(written);
      spaces = false;
      continue;
    }
    if (!spaces && column > BEST_WIDTH && i > 0 && i < chars.length - 1) {
      result += pad;
      column = indent;
      if (chars[i + 1] === ' ') {
        result += '\\';
        column++;
      }
    } else {
      result += ' ';
      column++;
    }
    spaces = true;
  }
  return `${result}"`;
}

const ESCAPES: Record<string, string> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\x85': '\\N',
  '\u00a0': '\\_',
  '\u2028': '\\L',
  '\u2029': '\\P',
};
const ESCAPED = /["\\\x85\u2028\u2029]|[^\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/gu;

function escapeAll(value: string): string {
  return value.replace(ESCAPED, escapeChar);
}

function escapeChar(char: string): string {
  ESCAPED.lastIndex = 0;
  if (!ESCAPED.test(char)) return char;
  const short = ESCAPES[char];
  if (short !== undefined) return short;
  const code = char.codePointAt(0)!;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

function charLength(value: string): number {
  let length = value.length;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code >= 0xd800 && code <= 0xdbff) length--;
  }
  return length;
}

/** A string as a scalar on one line. */
export function quoteScalar(value: string): string {
  const style = styleOf(value, true);
  return quote(value, style === 'literal' ? 'double' : style);
}
