import { type ASTNode, EvaluationError } from '@marcbachmann/cel-js';
import { matchesName } from './environment.ts';

/**
 * The parts of a syntax node that the library's own operators use and its types do not mention. A test runs an
 * expression that only a working limit stops, so an upgrade that changes them cannot pass unseen.
 */
interface Instrumented {
  meta: { evaluate: Evaluate };
  setMeta(key: 'evaluate', value: Evaluate): unknown;
}

type Evaluate = (evaluator: unknown, ast: unknown, context: unknown) => unknown;

/** Thrown when an evaluation has used up its budget. */
export class CostLimitError extends EvaluationError {
  constructor() {
    super('the expression takes too many steps');
  }
}

let budget = 0;

/** Runs `body` with `steps` as its budget: every node costs one, and large strings and lists by their size. */
export function withBudget<T>(steps: number, body: () => T): T {
  const outer = budget;
  budget = steps;
  try {
    return body();
  } finally {
    budget = outer;
  }
}

/** Prepares a parsed expression: charges its nodes to the budget, and sends `matches` to RE2. */
export function instrument(root: ASTNode): void {
  for (const node of nodesOf(root)) {
    if (node.op === 'rcall' && node.args[0] === 'matches') node.args[0] = matchesName;
    const inner = node as unknown as Instrumented;
    const evaluate = inner.meta.evaluate;
    inner.setMeta('evaluate', (evaluator, ast, context) => {
      const value = evaluate(evaluator, ast, context);
      budget -= 1;
      if (typeof value === 'string' || Array.isArray(value)) budget -= value.length >> 6;
      if (budget < 0) throw new CostLimitError();
      return value;
    });
  }
}

/** Every node of an expression as it was written, parents before children. */
export function* nodesOf(root: ASTNode): Generator<ASTNode> {
  const open: unknown[] = [root];
  while (open.length > 0) {
    const item = open.pop();
    if (Array.isArray(item)) open.push(...item);
    else if (isNode(item)) {
      yield item;
      if (item.op !== 'value') open.push(item.args);
    }
  }
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}
