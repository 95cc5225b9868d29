import { KustomizeError } from '../errors.ts';

/** One requirement of a selector, asked of labels or annotations. */
export type Requirement = (labels: ReadonlyMap<string, string>) => boolean;

const NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const DNS_SUBDOMAIN = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const VALUE = /^$|^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/**
 * Parses the Kubernetes label selector grammar (KZE-550): comma-joined `k`, `!k`, `k=v`, `k==v`, `k!=v`, `k in (a,b)`,
 * `k notin (a,b)`, `k>1`, `k<1`. An empty text has no requirements.
 *
 * @throws {KustomizeError} naming what was found and what was expected (KZE-349).
 */
export function parseLabelSelector(source: string): Requirement[] {
  const tokens = tokenise(source);
  const requirements: Requirement[] = [];
  let at = 0;
  const peek = () => tokens[at] ?? '';
  while (at < tokens.length) {
    requirements.push(requirement());
    if (at === tokens.length) break;
    if (peek() !== ',') throw problem(`found '${peek()}', expected: ',' or 'end of string'`);
    at++;
    if (at === tokens.length) throw problem("found '', expected: identifier after ','");
  }
  return requirements;

  function requirement(): Requirement {
    const negated = peek() === '!';
    if (negated) at++;
    const key = checkedKey(peek());
    at++;
    if (negated) return (labels) => !labels.has(key);
    const operator = peek();
    switch (operator) {
      case '':
      case ',':
        return (labels) => labels.has(key);
      case '=':
      case '==':
        at++;
        return equals(key, value(), true);
      case '!=':
        at++;
        return equals(key, value(), false);
      case 'in':
      case 'notin': {
        at++;
        const values = new Set(valueList());
        return operator === 'in'
          ? (labels) => labels.has(key) && values.has(labels.get(key)!)
          : (labels) => !labels.has(key) || !values.has(labels.get(key)!);
      }
      case '>':
      case '<': {
        at++;
        const bound = integer(value());
        return (labels) => {
          const found = labels.get(key);
          if (found === undefined || !/^-?\d+$/.test(found)) return false;
          return operator === '>' ? BigInt(found) > bound : BigInt(found) < bound;
        };
      }
      default:
        throw problem(`found '${operator}', expected: in, notin, =, ==, !=, gt, lt`);
    }
  }

  function value(): string {
    const token = peek();
    if (token === '' || token === ',') return '';
    if (SYMBOL.test(token)) throw problem(`found '${token}', expected: identifier`);
    at++;
    return checkedValue(token);
  }

  function valueList(): string[] {
    if (peek() !== '(') throw problem(`found '${peek()}' expected: '('`);
    at++;
    const values: string[] = [];
    for (;;) {
      const token = peek();
      if (token === ')' || token === ',') {
        // An empty element is the empty value.
        if (token === ')' || values.length === 0) values.push('');
      } else if (token === '' || SYMBOL.test(token)) {
        throw problem(`found '${token}', expected: ',', or identifier`);
      } else {
        values.push(checkedValue(token));
        at++;
      }
      if (peek() === ')') break;
      if (peek() !== ',') throw problem(`found '${peek()}', expected: ',' or ')'`);
      at++;
      if (peek() === ')') {
        values.push('');
        break;
      }
    }
    at++;
    return values;
  }
}

const SYMBOL = /^(?:[(),<>!]|==?|!=)$/;
const TOKEN = /\s*([(),<>]|==|=|!=|!|[^\s(),<>=!]+)\s*/y;

function tokenise(source: string): string[] {
  const tokens: string[] = [];
  const text = source.trim();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text);
    if (!match) throw problem(`cannot read '${source}'`);
    tokens.push(match[1]!);
  }
  return tokens;
}

function equals(key: string, value: string, wanted: boolean): Requirement {
  return wanted ? (labels) => labels.get(key) === value : (labels) => labels.get(key) !== value;
}

function checkedKey(key: string): string {
  if (key === '' || SYMBOL.test(key)) throw problem(`found '${key}', expected: !, identifier, or 'end of string'`);
  const slash = key.indexOf('/');
  const valid = slash < 0 ? NAME.test(key) : DNS_SUBDOMAIN.test(key.slice(0, slash)) && NAME.test(key.slice(slash + 1));
  if (!valid) throw problem(`key: Invalid value: "${key}": must be a qualified name`);
  return key;
}

function checkedValue(value: string): string {
  if (!VALUE.test(value))
    throw problem(`values: Invalid value: "${value}": must be a valid label value of at most 63 characters`);
  return value;
}

function integer(text: string): bigint {
  if (!/^-?\d+$/.test(text))
    throw problem(`values: Invalid value: "${text}": for 'Gt', 'Lt' operators, the value must be an integer`);
  return BigInt(text);
}

function problem(reason: string): KustomizeError {
  return new KustomizeError(`unable to parse requirement: ${reason}`);
}
