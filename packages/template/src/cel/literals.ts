import { type ASTNode } from '@marcbachmann/cel-js';
import { nodesOf } from './cost.ts';

/**
 * Finds list elements, map keys or map values of one literal whose types are known and differ (RTM-227); answers what
 * to say about them. To be called on a checked expression: the checker leaves the type on every node.
 */
export function mixedLiteral(root: ASTNode): string | undefined {
  for (const node of nodesOf(root)) {
    if (node.op === 'list') {
      const mixed = differing(node.args);
      if (mixed) return `list elements must have one type, found ${mixed}`;
    } else if (node.op === 'map') {
      const keys = differing(node.args.map((entry) => entry[0]));
      if (keys) return `map keys must have one type, found ${keys}`;
      const values = differing(node.args.map((entry) => entry[1]));
      if (values) return `map values must have one type, found ${values}`;
    }
  }
  return undefined;
}

function differing(nodes: readonly ASTNode[]): string | undefined {
  const types = new Set<string>();
  for (const node of nodes) {
    const { checkedType } = node as unknown as { checkedType?: { name: string } };
    // Types that hold a parameter or an unknown part fit any other.
    if (checkedType && !/\bdyn\b|\b[A-Z]\b/.test(checkedType.name)) types.add(checkedType.name);
  }
  return types.size > 1 ? Array.from(types).join(' and ') : undefined;
}
