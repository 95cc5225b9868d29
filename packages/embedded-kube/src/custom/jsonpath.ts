/** The JSON paths of printer columns: fields, indexes, wildcards and equality filters. */
type Step = (values: unknown[]) => unknown[];

const token =
  /\.?([A-Za-z0-9_$-]+(?:\\\.[A-Za-z0-9_$-]+)*)|\[\s*(-?\d+)\s*\]|\[\s*\*\s*\]|\[\s*['"]([^'"]+)['"]\s*\]|\[\?\(\s*@\.?([A-Za-z0-9_.$-]+)\s*(==|!=)\s*(?:"([^"]*)"|'([^']*)'|([^)\s]+))\s*\)\]/y;

/** Compiles a path such as `.status.conditions[?(@.type=="Ready")].status`. Throws `SyntaxError`. */
export function compileJsonPath(path: string): (value: unknown) => unknown {
  const steps: Step[] = [];
  let position = 0;
  while (position < path.length) {
    token.lastIndex = position;
    const match = token.exec(path);
    if (match === null) {
      if (path[position] === '.' && position === path.length - 1) break;
      throw new SyntaxError(`JSON path ${JSON.stringify(path)} is not understood from character ${position + 1} on`);
    }
    position = token.lastIndex;
    steps.push(stepOf(match));
  }
  return (value) => steps.reduce<unknown[]>((values, step) => step(values), [value])[0];
}

function stepOf(match: RegExpExecArray): Step {
  const [whole, field, index, quoted, filterPath, operator, double, single, bare] = match;
  const name = field?.replaceAll('\\.', '.') ?? quoted;
  if (name !== undefined)
    return (values) => values.map((value) => fieldOf(value, name)).filter((value) => value !== undefined);
  if (index !== undefined)
    return (values) =>
      values.flatMap((value) => (Array.isArray(value) && value.length > 0 ? [value.at(Number(index))] : []));
  if (filterPath !== undefined) {
    const wanted = double ?? single ?? bare;
    const names = filterPath.split('.');
    return (values) =>
      values
        .flatMap((value) => (Array.isArray(value) ? value : []))
        .filter((item) => {
          const found = names.reduce<unknown>(fieldOf, item);
          return (found !== undefined && String(found) === wanted) === (operator === '==');
        });
  }
  if (!whole.includes('*')) throw new SyntaxError(`JSON path step ${JSON.stringify(whole)} is not understood`);
  return (values) =>
    values.flatMap((value) =>
      Array.isArray(value) ? value : typeof value === 'object' && value !== null ? Object.values(value) : [],
    );
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
