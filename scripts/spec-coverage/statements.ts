/** Numbered statements: where a specification makes one, and where a test names one. */

/** A statement's name, split: `KZE-1018a` is prefix `KZE`, number 1018, suffix `a`. */
export interface StatementId {
  prefix: string;
  number: number;
  suffix: string;
}

// A statement is made by the first cell of a table row, or in bold at the start of a list item or a paragraph. Elsewhere,
// also where a line happens to begin with it, a number refers to a statement.
const made = /^\s*(?:\|\s+(?:\*\*)?|(?:(?:[-*]|\d+\.)\s+)?\*\*)([A-Z]{3})-(\d+)([a-z]?)(?:\*\*)?(?=[\s|.:(,–]|$)/;

/** Every statement that the text of a specification makes, in order. */
export function statementsIn(markdown: string): string[] {
  return markdown.split('\n').flatMap((line) => {
    const match = made.exec(line);
    return match ? [`${match[1]}-${match[2]}${match[3]}`] : [];
  });
}

const id = /([A-Z]{3})-(\d+)([a-z]?)/.source;
// Between two names: `RTM-16…RTM-18`, `RTM-16 to RTM-18`; the second prefix may be left out after `…`, `–`, `..` and `/`.
const joints = String.raw`\s*(?:(?:…|\.\.\.?|–|\/)\s*(?:\1-)?|(?:-|to)\s*\1-)\d+[a-z]?(?![\w.%])`;
const named = new RegExp(String.raw`\b${id}((?:${joints})*)`, 'g');
const further = /\s*(…|\.\.\.?|–|\/|-|to)\s*(?:[A-Z]{3}-)?(\d+)([a-z]?)/g;
// `RTM-16, 17 and 19: …`: before a colon nothing but numbers can be meant, so the prefix need not be repeated.
const heading = /^([A-Z]{3})-\d+[a-z]?(?:\s*(?:,|and|&|\/|…|\.\.\.?|–|to|-)\s*(?:[A-Z]{3}-)?\d+[a-z]?)*\s*(?=:)/;

/** Every statement that a test's name claims to check; ranges are spelled out. Only `prefixes` count as statements. */
export function statementsNamed(testName: string, prefixes: ReadonlySet<string>): string[] {
  const found: string[] = [];
  for (const [, prefix, first, suffix, rest] of withPrefixes(testName).matchAll(named)) {
    if (prefix === undefined || !prefixes.has(prefix)) continue;
    let previous = Number(first);
    found.push(`${prefix}-${previous}${suffix}`);
    for (const [, joint, number, letter = ''] of (rest ?? '').matchAll(further)) {
      const next = Number(number);
      if (joint !== '/')
        for (let between = previous + 1; between < next; between += 1) found.push(`${prefix}-${between}`);
      found.push(`${prefix}-${next}${letter}`);
      previous = next;
    }
  }
  return found;
}

/** Repeats the prefix where a heading leaves it out: `RTM-16, 17: …` becomes `RTM-16, RTM-17: …`. */
function withPrefixes(testName: string): string {
  const head = heading.exec(testName)?.[0];
  if (head === undefined) return testName;
  let prefix = '';
  const full = head.replaceAll(/(?:([A-Z]{3})-)?(\d+[a-z]?)/g, (_, given: string | undefined, number: string) => {
    prefix = given ?? prefix;
    return `${prefix}-${number}`;
  });
  return full + testName.slice(head.length);
}

/** Splits a name such as `KZE-1018a`. @throws Error for anything else. */
export function parseId(id: string): StatementId {
  const match = /^([A-Z]{3})-(\d+)([a-z]?)$/.exec(id);
  if (!match) throw new Error(`'${id}' is not the name of a statement`);
  return { prefix: match[1] as string, number: Number(match[2]), suffix: match[3] as string };
}

/** Orders by prefix, number and suffix. */
export function compareIds(a: string, b: string): number {
  const [x, y] = [parseId(a), parseId(b)];
  return x.prefix.localeCompare(y.prefix) || x.number - y.number || x.suffix.localeCompare(y.suffix);
}

/**
 * Numbers of one prefix as short text: `1–3, 7`. A run is one of neighbours in `all`, so that numbers that no
 * specification uses do not interrupt it.
 */
export function compress(ids: readonly string[], all: readonly string[]): string {
  const short = (id: string) => id.slice(4);
  const position = new Map(all.map((id, index) => [id, index]));
  const runs: string[][] = [];
  for (const id of [...ids].sort(compareIds)) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run && last !== undefined && position.get(id) === (position.get(last) ?? NaN) + 1) run.push(id);
    else runs.push([id]);
  }
  return runs
    .map((run) => {
      const [first, last] = [short(run[0] as string), short(run.at(-1) as string)];
      if (run.length === 1) return first;
      return `${first}${run.length === 2 ? ', ' : '–'}${last}`;
    })
    .join(', ');
}
