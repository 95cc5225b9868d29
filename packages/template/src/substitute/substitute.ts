import { SubstitutionError, type SubstitutionErrorCode } from './errors.ts';
import { applyOperator } from './functions.ts';

export interface SubstituteOptions {
  /** A variable that is neither defined nor given a default is an error (KUS-154) instead of empty. Default true. */
  strict?: boolean;
  /** Bound of the result in UTF-16 units; default 16 Mi. */
  maxOutputLength?: number;
}

/** How deep `${a:-${b:-${c}}}` may nest. */
const maxDepth = 64;

/**
 * Replaces `${…}` expressions in a text (KUS-158 … KUS-175). Substituted values are not expanded again (KUS-151), and
 * only `${…}` and `$$` mean anything (KUS-156). Runs in time linear in text and result.
 *
 * @throws SubstitutionError for bad syntax, for an undefined variable in strict mode, and past the size limits.
 */
export function substitute(
  text: string,
  variables: Readonly<Record<string, string>>,
  options: SubstituteOptions = {},
): string {
  const scanner = new Scanner(text, variables, options);
  return scanner.text();
}

/** Reads expressions off the template and evaluates them as it goes: arguments are eager anyway (KUS-172). */
class Scanner {
  readonly #text: string;
  readonly #variables: Readonly<Record<string, string>>;
  readonly #strict: boolean;
  #room: number;
  #at = 0;

  constructor(text: string, variables: Readonly<Record<string, string>>, options: SubstituteOptions) {
    this.#text = text;
    this.#variables = variables;
    this.#strict = options.strict ?? true;
    this.#room = options.maxOutputLength ?? 16 * 1024 * 1024;
  }

  /** The text level: everything is literal but `$$` and `${`. */
  text(): string {
    const text = this.#text;
    const parts: string[] = [];
    const emit = (part: string) => {
      this.#room -= part.length;
      if (this.#room < 0) throw this.#error('too-large', 'the substituted text is too large');
      parts.push(part);
    };
    while (this.#at < text.length) {
      const dollar = text.indexOf('$', this.#at);
      if (dollar < 0) {
        emit(text.slice(this.#at));
        break;
      }
      if (dollar > this.#at) emit(text.slice(this.#at, dollar));
      const next = text[dollar + 1];
      if (next === '{') {
        this.#at = dollar + 2;
        emit(this.#expression(0));
      } else {
        emit('$');
        this.#at = dollar + (next === '$' ? 2 : 1);
      }
    }
    return parts.join('');
  }

  /** From behind `${` to behind its `}`. */
  #expression(depth: number): string {
    if (depth > maxDepth) throw this.#error('bad-substitution', 'bad substitution: expressions nest too deeply');
    const start = this.#at;
    if (this.#peek() === '#') {
      this.#at++;
      const name = this.#identifier();
      if (name === '') throw this.#error('bad-substitution', 'bad substitution', name, start);
      this.#close(name, start);
      return this.#value(name, 'length', [], start);
    }
    const name = this.#identifier();
    if (name === '') throw this.#error('bad-variable-name', 'unable to parse variable name', undefined, start);
    const [operator, args] = this.#operation(name, start, depth);
    return this.#value(name, operator, args, start);
  }

  /** What follows a name, up to and including the closing brace. */
  #operation(name: string, start: number, depth: number): [operator: string, args: string[]] {
    const argument = (ends: string, escapes = false) => this.#argument(ends, escapes, name, start, depth);
    switch (this.#peek()) {
      case '=':
        return [this.#take(1), this.#defaults(name, start, depth)];
      case ':': {
        if ('=-?+'.includes(this.#text[this.#at + 1] ?? ' '))
          return [this.#take(2), this.#defaults(name, start, depth)];
        const operator = this.#take(1);
        const args = [argument(':}')];
        if (this.#peek() === ':') {
          this.#skipAll(':');
          args.push(argument('}'));
        }
        this.#close(name, start);
        return [operator, args];
      }
      case ',':
      case '^': {
        const operator = this.#take(',^'.includes(this.#text[this.#at + 1] ?? ' ') ? 2 : 1);
        this.#close(name, start);
        return [operator, []];
      }
      case '#':
      case '%': {
        const operator = this.#take(this.#text[this.#at + 1] === this.#peek() ? 2 : 1);
        const args = [argument('}')];
        this.#close(name, start);
        return [operator, args];
      }
      case '/': {
        const operator = this.#take('/#%'.includes(this.#text[this.#at + 1] ?? ' ') ? 2 : 1);
        const args = [argument('/', true)];
        if (this.#peek() !== '/') throw this.#error('bad-substitution', 'bad substitution', name, start);
        this.#skipAll('/');
        if (this.#peek() !== '}') args.push(argument('}', true));
        this.#close(name, start);
        return [operator, args];
      }
      case '}':
        this.#at++;
        return ['', []];
      default:
        throw this.#error('missing-closing-brace', 'missing closing brace', name, start);
    }
  }

  /** Default words mix text and nested expressions and know no escapes (KUS-166). */
  #defaults(name: string, start: number, depth: number): string[] {
    const args: string[] = [];
    while (this.#peek() !== '}') args.push(this.#argument('}', false, name, start, depth));
    this.#at++;
    return args;
  }

  /** One argument: a nested expression, or text up to one of `ends` or a nested expression (KUS-165). */
  #argument(ends: string, escapes: boolean, name: string, start: number, depth: number): string {
    const text = this.#text;
    if (text.startsWith('${', this.#at)) {
      this.#at += 2;
      return this.#expression(depth + 1);
    }
    let value = '';
    let from = this.#at;
    while (this.#at < text.length) {
      const char = text[this.#at]!;
      const next = text[this.#at + 1];
      if (char === '$' && next === '{') break;
      if (escapes && ((char === '$' && next === '$') || (char === '\\' && (next === '/' || next === '\\')))) {
        value += text.slice(from, this.#at);
        from = this.#at + 1;
        this.#at += 2;
        continue;
      }
      if (ends.includes(char)) break;
      this.#at++;
    }
    value += text.slice(from, this.#at);
    if (value === '') throw this.#error('bad-function', 'unable to parse substitution within function', name, start);
    return value;
  }

  #value(name: string, operator: string, args: string[], start: number): string {
    const defined = Object.hasOwn(this.#variables, name);
    if (!defined && this.#strict && !isDefaultOperator(operator)) {
      throw this.#error('variable-not-set', `variable not set (strict mode): ${JSON.stringify(name)}`, name, start);
    }
    const value = defined ? this.#variables[name]! : '';
    try {
      return applyOperator(operator, value, args, this.#room);
    } catch (error) {
      if (error instanceof SubstitutionError) throw this.#error(error.code, error.message, name, start);
      throw error;
    }
  }

  #identifier(): string {
    identifierPattern.lastIndex = this.#at;
    const name = identifierPattern.exec(this.#text)?.[0] ?? '';
    this.#at += name.length;
    return name;
  }

  #peek(): string | undefined {
    return this.#text[this.#at];
  }

  #take(count: number): string {
    const taken = this.#text.slice(this.#at, this.#at + count);
    this.#at += count;
    return taken;
  }

  #skipAll(char: string): void {
    while (this.#peek() === char) this.#at++;
  }

  #close(name: string, start: number): void {
    if (this.#peek() !== '}') throw this.#error('bad-substitution', 'bad substitution', name, start);
    this.#at++;
  }

  #error(code: SubstitutionErrorCode, fact: string, variable?: string, offset = this.#at): SubstitutionError {
    let line = 1;
    for (let at = this.#text.indexOf('\n'); at >= 0 && at < offset; at = this.#text.indexOf('\n', at + 1)) line++;
    const where = variable && code !== 'variable-not-set' ? ` of variable ${JSON.stringify(variable)}` : '';
    return new SubstitutionError(code, `${fact}${where} at line ${line}`, { variable, line });
  }
}

/** Letters, digits and underscore of any script; only ASCII names can be defined (KUS-146). */
const identifierPattern = /[\p{L}\p{Nd}_]+/uy;

function isDefaultOperator(operator: string): boolean {
  return operator === '=' || /^:[=?+-]$/.test(operator);
}
