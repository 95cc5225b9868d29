import { TAG } from '../yaml/node.ts';
import { resolvePlain } from '../yaml/resolve.ts';

/** How a string is written (KZE-934 to KZE-939). */
export type Style = 'plain' | 'single' | 'double' | 'literal';

/** Texts made of these only need no analysis beyond their resolved type. */
const SIMPLE = /^[A-Za-z0-9_/$()<=;~+^\\][A-Za-z0-9_./$()<=;~+^\\-]*$/;
const BASE_60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
/** Anything but a line feed and the characters that may be written as they are. */
const SPECIAL = /[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;
const INDICATOR_START = /^(?:[#,[\]{}&*!|>'"%@`]|[-?:](?: |$|\n)|---|\.\.\.)/;
const INDICATOR_INSIDE = /:(?: |$|\n)|[ \n]#/;

/** The style of a value or key; keys cannot be literal blocks. */
export function styleOf(value: string, key: boolean): Style {
  if (value === '') return 'double';
  if (SIMPLE.test(value)) return readsAsString(value) ? 'plain' : 'double';
  if (SPECIAL.test(value)) return 'double';
  if (value.includes('\n')) {
    const block = !key && !value.includes(' \n') && !value.endsWith(' ');
    return block ? 'literal' : 'double';
  }
  if (!readsAsString(value)) return 'double';
  const plain =
    !value.startsWith(' ') && !value.endsWith(' ') && !INDICATOR_START.test(value) && !INDICATOR_INSIDE.test(value);
  return plain ? 'plain' : 'single';
}

function readsAsString(value: string): boolean {
  return resolvePlain(value, '1.1') === TAG.string && !BASE_60.test(value);
}

/** True when canonical YAML text of the string is anything but plain. */
export function needsQuotes(value: string): boolean {
  return styleOf(value, false) !== 'plain';
}
