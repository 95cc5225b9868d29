import { Environment, EvaluationError, Optional } from '@marcbachmann/cel-js';
import { compileRegex, RegexError } from '../regex/re2.ts';
import { format, quote } from './format.ts';
import { celEquals } from './values.ts';

/** Name that `matches` is called by internally, so that patterns run on RE2 instead of the host's engine. */
export const matchesName = 'matchesRe2';

const limits = {
  maxAstNodes: 10_000,
  maxDepth: 100,
  maxListElements: 1000,
  maxMapEntries: 1000,
  maxCallArguments: 32,
};

/**
 * The dialect of RTM-227: homogeneous literals, comparison across number types, optional types, and the strings, sets
 * and encoders extensions. `open` leaves variables undeclared.
 */
export function dialect(open: boolean): Environment {
  const environment = new Environment({
    unlistedVariablesAreDyn: open,
    // The library also rejects a field beside a literal, whose types nobody knows yet; see literals.ts.
    homogeneousAggregateLiterals: false,
    enableOptionalTypes: true,
    limits,
  });
  environment.registerOperator('int == double', (a: bigint, b: number) => celEquals(a, b));
  strings(environment);
  sets(environment);
  encoders(environment);
  optionals(environment);
  return environment;
}

function strings(environment: Environment): void {
  const matches = (text: string, pattern: string): boolean => {
    try {
      return compileRegex(pattern).test(text);
    } catch (error) {
      if (error instanceof RegexError) throw new EvaluationError(`invalid regular expression: ${error.message}`);
      throw error;
    }
  };
  environment.registerFunction(`string.${matchesName}(string): bool`, matches);
  environment.registerFunction('matches(string, string): bool', matches);
  environment.registerFunction('string.charAt(int): string', (text: string, at: bigint) => {
    const runes = Array.from(text);
    if (at < 0n || at > BigInt(runes.length)) throw new EvaluationError(`index out of range: ${at}`);
    return runes[Number(at)] ?? '';
  });
  environment.registerFunction('string.replace(string, string): string', (text: string, old: string, by: string) =>
    text.replaceAll(old, () => by),
  );
  environment.registerFunction(
    'string.replace(string, string, int): string',
    (text: string, old: string, by: string, count: bigint) => {
      if (count < 0n) return text.replaceAll(old, () => by);
      let left = count;
      return text.replaceAll(old, (found) => (left-- > 0n ? by : found));
    },
  );
  environment.registerFunction('string.reverse(): string', (text: string) => Array.from(text).reverse().join(''));
  environment.registerFunction('string.format(list): string', (text: string, args: unknown[]) => format(text, args));
  namespace(environment, 'strings', 'StringsNamespace');
  environment.registerFunction('StringsNamespace.quote(string): string', (_: unknown, text: string) => quote(text));
}

function sets(environment: Environment): void {
  namespace(environment, 'sets', 'SetsNamespace');
  const has = (list: unknown[], value: unknown) => list.some((item) => celEquals(item, value));
  const contains = (list: unknown[], part: unknown[]) => part.every((value) => has(list, value));
  const define = (name: string, test: (a: unknown[], b: unknown[]) => boolean) =>
    environment.registerFunction(
      `SetsNamespace.${name}(list, list): bool`,
      (_: unknown, a: Iterable<unknown>, b: Iterable<unknown>) => {
        const [left, right] = [Array.from(a), Array.from(b)];
        if (left.length * right.length > 1_000_000) throw new EvaluationError(`sets.${name}(): the lists are too long`);
        return test(left, right);
      },
    );
  define('contains', contains);
  define('equivalent', (a, b) => contains(a, b) && contains(b, a));
  define('intersects', (a, b) => a.some((value) => has(b, value)));
}

function encoders(environment: Environment): void {
  namespace(environment, 'base64', 'Base64Namespace');
  environment.registerFunction('Base64Namespace.encode(bytes): string', (_: unknown, bytes: Uint8Array) =>
    Buffer.from(bytes).toString('base64'),
  );
  environment.registerFunction('Base64Namespace.decode(string): bytes', (_: unknown, text: string) => {
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw new EvaluationError('base64.decode(): not base64');
    return new Uint8Array(Buffer.from(text, 'base64'));
  });
}

function optionals(environment: Environment): void {
  environment.registerFunction('list<A>.first(): optional<A>', (list: unknown[]) =>
    list.length === 0 ? Optional.none() : Optional.of(list[0]),
  );
  environment.registerFunction('list<A>.last(): optional<A>', (list: unknown[]) =>
    list.length === 0 ? Optional.none() : Optional.of(list.at(-1)),
  );
  environment.registerFunction('optional.optMap(ast, ast): optional<dyn>', optionalMacro('optMap'));
  environment.registerFunction('optional.optFlatMap(ast, ast): optional<dyn>', optionalMacro('optFlatMap'));
}

/** `opt.optMap(x, expr)`: a macro that binds `x` to the value, when there is one. */
function optionalMacro(name: 'optMap' | 'optFlatMap') {
  // The macro interface of the library is untyped.
  /* eslint-disable @typescript-eslint/no-explicit-any */
  return ({ args, receiver, ast }: any) => {
    if (args[0].op !== 'id') throw new EvaluationError(`${name}() needs a variable name as its first argument`);
    return {
      async: false,
      typeCheck(checker: any, macro: any, ctx: any) {
        const type = checker.check(receiver, ctx);
        macro.inner = ctx.forkWithVariable(
          args[0].args,
          type.kind === 'optional' ? type.valueType : checker.getType('dyn'),
        );
        checker.check(args[1], macro.inner);
        ast.setMeta('async', false);
        return checker.getType('optional');
      },
      evaluate(evaluator: any, macro: any, ctx: any) {
        const optional = evaluator.run(receiver, ctx);
        if (!(optional instanceof Optional)) throw new EvaluationError(`${name}() needs an optional value`);
        if (!optional.hasValue()) return optional;
        const result = evaluator.run(args[1], macro.inner.reuse(ctx).setIterValue(optional.value(), evaluator));
        if (name === 'optMap') return Optional.of(result);
        if (result instanceof Optional) return result;
        throw new EvaluationError('optFlatMap() needs an expression that yields an optional value');
      },
    };
  };
  /* eslint-enable */
}

/** Makes `<name>.<function>(…)` possible: a constant of a type that exists for its functions. */
function namespace(environment: Environment, name: string, typeName: string): void {
  const type = { [typeName]: class {} }[typeName]!;
  environment.registerType(typeName, type);
  environment.registerConstant(name, typeName, new type());
}
