/** Label selectors: `a=b,c!=d,e in (x,y),f notin (z),g,!h,i>1`. */
import { labelValueComplaints, qualifiedName } from '../object/names.ts';
import { badRequest, type StatusError } from '../status/errors.ts';

type Labels = Record<string, string> | undefined;
type Test = (labels: Labels) => boolean;

const special = '=!(),<>';
const ends = ['', ','];

/** Names, and the operators that special characters make. */
function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  for (let at = 0; at < text.length;) {
    const char = text[at]!;
    if (/\s/.test(char)) at++;
    else if (special.includes(char)) {
      const pair = text.slice(at, at + 2);
      const token = pair === '==' || pair === '!=' ? pair : char;
      tokens.push(token);
      at += token.length;
    } else {
      const start = at;
      while (at < text.length && !/[\s=!(),<>]/.test(text[at]!)) at++;
      tokens.push(text.slice(start, at));
    }
  }
  return tokens;
}

/** Parses a selector. Throws 400 in the API server's words. */
export function labelSelector(text: string): Test {
  const tokens = tokensOf(text);
  if (tokens.length === 0) return () => true;
  const tests: Test[] = [];
  for (;;) {
    tests.push(requirement(tokens));
    const next = tokens.shift();
    if (next === undefined) return (labels) => tests.every((test) => test(labels));
    if (next !== ',') throw unexpected(next, "',' or 'end of string'");
    if (!isName(tokens[0]) && tokens[0] !== '!') throw unexpected(tokens[0], "identifier after ','");
  }
}

function requirement(tokens: string[]): Test {
  const absent = tokens[0] === '!';
  if (absent) tokens.shift();
  const key = tokens.shift();
  if (!isName(key)) throw unexpected(key, 'identifier');
  for (const problem of qualifiedName(key)) throw invalid('key', key, problem);
  if (absent) return (labels) => labels?.[key] === undefined;
  if (ends.includes(tokens[0] ?? '')) return (labels) => labels?.[key] !== undefined;
  const operator = tokens.shift()!;
  switch (operator) {
    case 'in':
    case 'notin': {
      const values = new Set(valuesOf(key, tokens));
      const listed: Test = (labels) => labels?.[key] !== undefined && values.has(labels[key]);
      return operator === 'in' ? listed : (labels) => !listed(labels);
    }
    case '=':
    case '==':
    case '!=': {
      const value = exactValue(key, tokens);
      return operator === '!=' ? (labels) => labels?.[key] !== value : (labels) => labels?.[key] === value;
    }
    case '>':
    case '<': {
      const value = exactValue(key, tokens);
      if (!isInteger(value))
        throw invalid('values[0]', value, "for 'Gt', 'Lt' operators, the value must be an integer");
      const fits = (number: number) => (operator === '>' ? number > Number(value) : number < Number(value));
      return (labels) => labels?.[key] !== undefined && isInteger(labels[key]) && fits(Number(labels[key]));
    }
    default:
      throw unexpected(operator, 'in, notin, =, ==, !=, gt, lt');
  }
}

function exactValue(key: string, tokens: string[]): string {
  if (ends.includes(tokens[0] ?? '')) return '';
  const value = tokens.shift()!;
  if (!isName(value)) throw unexpected(value, 'identifier');
  return checked(key, value, 0);
}

function valuesOf(key: string, tokens: string[]): string[] {
  const opening = tokens.shift();
  if (opening !== '(') throw unexpected(opening, "'('");
  const values: string[] = [];
  for (;;) {
    // Nothing between two separators is the empty value.
    const value = isName(tokens[0]) ? tokens.shift()! : '';
    values.push(checked(key, value, values.length));
    const next = tokens.shift();
    if (next === ')') return values;
    if (next !== ',') throw unexpected(next, "',' or ')'");
  }
}

function checked(key: string, value: string, index: number): string {
  for (const problem of labelValueComplaints(value)) throw invalid(`values[${index}][${key}]`, value, problem);
  return value;
}

const isName = (token: string | undefined): token is string => token !== undefined && !special.includes(token[0]!);
const isInteger = (text: string) => /^[-+]?\d+$/.test(text);

function unexpected(found: string | undefined, expected: string): StatusError {
  return badRequest(`unable to parse requirement: found '${found ?? ''}', expected: ${expected}`);
}

function invalid(path: string, value: string, problem: string): StatusError {
  return badRequest(`unable to parse requirement: ${path}: Invalid value: ${JSON.stringify(value)}: ${problem}`);
}
