/** Names of tests, read from their source without running it. */
import ts from 'typescript';

const callers = new Set(['test', 'it', 'describe', 'suite', 'fit', 'xit', 'xtest', 'fdescribe', 'xdescribe']);
const skips = new Set(['skip', 'todo']);

/** The name of a test, or of a group of tests, as written in the source. */
export interface TestName {
  text: string;
  /** 1-based. */
  line: number;
}

/**
 * The first argument of every `test`, `it` and `describe` call (also `.each`, `.only` …) that is a string or a template,
 * rows of `.each` tables that carry names, and the `name` of each case of an end-to-end suite. Tests that are skipped do
 * not count.
 */
export function testNames(source: string, fileName = 'source.test.ts'): TestName[] {
  const file = ts.createSourceFile(fileName, source, ts.ScriptTarget.Latest, true);
  const names: TestName[] = [];
  const add = (node: ts.Node, text: string) =>
    names.push({ text, line: file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1 });

  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const call = calleeOf(node.expression);
      if (call && callers.has(call.root)) {
        if (call.members.some((member) => skips.has(member))) return;
        const [first] = node.arguments;
        const text = first && textOf(first);
        if (first && text !== undefined) add(first, text);
        if (call.table) for (const literal of stringsIn(call.table)) add(literal, literal.text);
      }
    }
    // A case of an end-to-end suite: { name: '…', async run() { … } }.
    if (ts.isObjectLiteralExpression(node) && node.properties.some((property) => nameOf(property) === 'run')) {
      const name = node.properties.find((property) => nameOf(property) === 'name');
      const text = name && ts.isPropertyAssignment(name) ? textOf(name.initializer) : undefined;
      if (name && text !== undefined) add(name, text);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return names;
}

interface Callee {
  root: string;
  members: string[];
  /** The table of `test.each(table)(name, …)`. */
  table?: ts.Node;
}

/** Takes `test.concurrent.each(table)` apart. */
function calleeOf(expression: ts.Expression): Callee | undefined {
  if (ts.isIdentifier(expression)) return { root: expression.text, members: [] };
  if (ts.isPropertyAccessExpression(expression)) {
    const inner = calleeOf(expression.expression);
    return inner && { ...inner, members: [...inner.members, expression.name.text] };
  }
  const isEach = (callee: Callee | undefined) => callee?.members.at(-1) === 'each';
  if (ts.isCallExpression(expression)) {
    const inner = calleeOf(expression.expression);
    return inner && isEach(inner) ? { ...inner, table: expression.arguments[0] } : undefined;
  }
  if (ts.isTaggedTemplateExpression(expression)) {
    const inner = calleeOf(expression.tag);
    return inner && isEach(inner) ? { ...inner, table: expression.template } : undefined;
  }
  return undefined;
}

/** The fixed text of a string, a template or a concatenation; the holes of a template read as a space. */
function textOf(node: ts.Expression): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node)) {
    return [node.head.text, ...node.templateSpans.map((span) => span.literal.text)].join(' ');
  }
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const [left, right] = [textOf(node.left), textOf(node.right)];
    return left === undefined && right === undefined ? undefined : `${left ?? ' '}${right ?? ' '}`;
  }
  return undefined;
}

function stringsIn(node: ts.Node): ts.StringLiteralLike[] {
  if (ts.isStringLiteralLike(node)) return [node];
  const found: ts.StringLiteralLike[] = [];
  ts.forEachChild(node, (child) => void found.push(...stringsIn(child)));
  return found;
}

function nameOf(property: ts.ObjectLiteralElementLike): string | undefined {
  return property.name && ts.isIdentifier(property.name) ? property.name.text : undefined;
}
