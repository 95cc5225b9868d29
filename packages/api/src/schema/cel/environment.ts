/** The CEL dialect of Kubernetes: cel-js plus the API server's function libraries, with patterns on RE2. */
import { Environment } from '@marcbachmann/cel-js';
import { registerLibrary } from './library.ts';

export type Program = (scope: Record<string, unknown>) => unknown;

let environment: Environment | undefined;

function celEnvironment(): Environment {
  environment ??= registerLibrary(
    new Environment({
      unlistedVariablesAreDyn: true,
      homogeneousAggregateLiterals: false,
      enableOptionalTypes: true,
      limits: { maxAstNodes: 10_000, maxDepth: 100 },
    }),
  );
  return environment;
}

/** Parses a CEL expression. Throws `ParseError` for bad syntax and for expressions beyond 10,000 nodes. */
export function parseExpression(expression: string): Program {
  return celEnvironment().parse(renameFunctions(expression)) as unknown as Program;
}

/**
 * Functions of Kubernetes whose names the environment cannot hold itself: `matches` is built in there with backtracking
 * patterns, and `sets.` would need a namespace object.
 */
function renameFunctions(expression: string): string {
  if (!expression.includes('matches') && !expression.includes('sets.')) return expression;
  return expression.replace(
    /"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\.\s*matches\s*\(|\bsets\.(contains|equivalent|intersects)\s*\(/g,
    (text, set?: string) => {
      if (set !== undefined) return `sets_${set}(`;
      return text.startsWith('.') ? '.matchesRe2(' : text;
    },
  );
}

let optional: { some: Program; none: Program } | undefined;

/** A CEL optional. */
export function optionalOf(present: boolean, value: unknown): unknown {
  optional ??= { some: parseExpression('optional.of(value)'), none: parseExpression('optional.none()') };
  return present ? optional.some({ value }) : optional.none({});
}
