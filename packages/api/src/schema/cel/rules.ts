/** CEL rules, parsed when first needed. */
import type { JsonSchema, ValidationRule } from '../types.ts';
import { type Program, parseExpression } from './environment.ts';

export interface CompiledRule {
  rule: ValidationRule;
  usesOldSelf: boolean;
  /** Parsed on first use; throws what the parser throws. */
  program: () => Program;
  messageProgram?: () => Program;
}

export function compileRules(schema: JsonSchema): CompiledRule[] {
  return (schema['x-kubernetes-validations'] ?? []).map((rule) => ({
    rule,
    usesOldSelf: /\boldSelf\b/.test(withoutStrings(rule.rule)),
    program: once(() => parseExpression(rule.rule)),
    messageProgram:
      rule.messageExpression === undefined ? undefined : once(() => parseExpression(rule.messageExpression!)),
  }));
}

/** Compiles an expression as a rule would; answers the parser's complaint, or undefined when it is fine. */
export function celSyntaxError(expression: string): string | undefined {
  try {
    parseExpression(expression);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function withoutStrings(expression: string): string {
  return expression.replace(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/g, '""');
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
