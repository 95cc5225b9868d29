import { type ASTNode, type Environment, EvaluationError, ParseError, type ParseResult } from '@marcbachmann/cel-js';
import { CostLimitError, instrument, nodesOf, withBudget } from './cost.ts';
import { dialect, matchesName } from './environment.ts';
import { CelError } from './errors.ts';
import { mixedLiteral } from './literals.ts';
import { fromCel, toCel } from './values.ts';

/** An expression ready to be evaluated any number of times. Evaluation throws `CelError`. */
export interface CelExpression {
  readonly source: string;
  /** The value as plain data; an absent optional is undefined. */
  evaluate(data: CelData): unknown;
  /** A value that is not boolean is an error (RTM-229). */
  evaluateBoolean(data: CelData): boolean;
  /** A value that is not a string is an error (RTM-230). */
  evaluateString(data: CelData): string;
  /** A value that is not a list of strings only is an error; the empty list is fine (RTM-230). */
  evaluateStrings(data: CelData): string[];
}

/** Variables by name: JSON values. An object such as a Kubernetes object serves as it is. */
export type CelData = object;

export interface CompileOptions {
  /** Names that may be used; each is a map with values of any type. */
  variables: readonly string[];
  /** The type that the expression must be known to have before it runs; a field's type is not known. */
  outputType?: 'bool' | 'string' | 'list';
}

/** Steps that one evaluation may take; some tens of milliseconds. */
const maxSteps = 250_000;
const maxLength = 16 * 1024;

const closedDialect = dialect(false);
const openDialect = dialect(true);

/**
 * Compiles an expression over declared variables: syntax, references and types are checked now (RTM-228).
 *
 * @throws CelError when the expression is wrong, or when its type is not `outputType`; a type that only evaluation
 *   can tell counts as wrong (KUS-94), and `<expression> == true` helps.
 */
export function compileCel(expression: string, options: CompileOptions): CelExpression {
  const environment = closedDialect.clone();
  for (const name of options.variables) environment.registerVariable(name, 'map<string, dyn>');
  const program = parse(environment, expression);
  const { type, error } = program.check();
  if (error !== undefined) throw notParsed(expression, 'check', error);
  const mixed = mixedLiteral(program.ast);
  if (mixed !== undefined) throw notParsed(expression, 'check', mixed);
  const { outputType } = options;
  const fits = outputType === undefined || type === outputType || (outputType === 'list' && type?.startsWith('list'));
  if (!fits) {
    throw new CelError(
      expression,
      'check',
      `CEL expression output type mismatch: expected ${outputType}, got ${type} in '${expression}'`,
    );
  }
  return evaluable(expression, program);
}

/**
 * Reads an expression without looking at variables and types; those fail when it is evaluated (RTM-228).
 *
 * @throws CelError when the syntax is wrong.
 */
export function parseCel(expression: string): CelExpression {
  return evaluable(expression, parse(openDialect, expression));
}

function parse(environment: Environment, expression: string): ParseResult {
  if (expression.length > maxLength)
    throw new CelError(
      `${expression.slice(0, 100)}…`,
      'parse',
      `failed to parse the CEL expression: it is longer than ${maxLength} characters`,
    );
  let program: ParseResult;
  try {
    program = environment.parse(expression);
  } catch (error) {
    throw notParsed(expression, 'parse', error);
  }
  for (const node of nodesOf(program.ast)) {
    if (node.op === 'id' && node.args === 'cel')
      throw notParsed(expression, 'parse', new ParseError("undeclared reference to 'cel'", node));
  }
  instrument(program.ast);
  return program;
}

function evaluable(expression: string, program: ParseResult): CelExpression {
  const roots = new Set<string>();
  for (const node of nodesOf(program.ast)) if (node.op === 'id') roots.add(node.args);

  const run = (data: CelData): unknown => {
    const context = new Map<string, unknown>();
    for (const root of roots) {
      const value: unknown = Object.hasOwn(data, root) ? (data as Record<string, unknown>)[root] : undefined;
      if (value !== undefined) context.set(root, toCel(value));
    }
    try {
      return withBudget(maxSteps, () => program(context as never));
    } catch (error) {
      throw notEvaluated(expression, program.ast, error);
    }
  };
  const wrong = (wanted: string) =>
    new CelError(expression, 'evaluate', `failed to evaluate CEL expression as ${wanted}: '${expression}'`);

  return {
    source: expression,
    evaluate: (data) => fromCel(run(data)),
    evaluateBoolean(data) {
      const value = run(data);
      if (typeof value !== 'boolean') throw wrong('boolean');
      return value;
    },
    evaluateString(data) {
      const value = run(data);
      if (typeof value !== 'string') throw wrong('string');
      return value;
    },
    evaluateStrings(data) {
      const value = run(data);
      const list = value instanceof Set ? Array.from(value) : value;
      if (!Array.isArray(list) || !list.every((item) => typeof item === 'string')) throw wrong('list of strings');
      return list;
    },
  };
}

function notParsed(expression: string, phase: 'parse' | 'check', error: unknown): CelError {
  const text = error instanceof Error ? error.message : String(error);
  const fact = text
    .replace(/^Unknown variable: (\S+)/, "undeclared reference to '$1'")
    .replaceAll(matchesName, 'matches');
  return new CelError(expression, phase, `failed to parse the CEL expression '${expression}': ${fact}`, error);
}

function notEvaluated(expression: string, root: ASTNode, error: unknown): CelError {
  const phase = error instanceof CostLimitError ? 'limit' : 'evaluate';
  return new CelError(
    expression,
    phase,
    `failed to evaluate the CEL expression '${expression}': ${evaluationFact(root, error)}`,
    error,
  );
}

function evaluationFact(root: ASTNode, error: unknown): string {
  if (!(error instanceof EvaluationError)) return error instanceof Error ? error.message : String(error);
  if (error.code === 'unknown_variable' && error.node?.op === 'id')
    return `no such attribute(s): ${attributePath(root, error.node)}`;
  return error.summary.replace(/^No such key/, 'no such key').replaceAll(matchesName, 'matches');
}

/** `status.conditions` for the `status` of `status.conditions.filter(…)`: the fields selected off a variable. */
function attributePath(root: ASTNode, variable: ASTNode): string {
  let path = String(variable.args);
  let child = variable;
  for (;;) {
    const parent: ASTNode | undefined = Array.from(nodesOf(root)).find(
      (node) => node.op === '.' && node.args[0].start === child.start && node.args[0].end === child.end,
    );
    if (parent?.op !== '.') return path;
    path += `.${parent.args[1]}`;
    child = parent;
  }
}
