/**
 * Sets of fields in the form in which `managedFields` stores them (FieldsV1): a tree whose keys are `f:<field>`,
 * `k:<key fields of a map-list item>` and `v:<value of a set item>`. A node without children is a member of the set; a
 * node with children is one when it also has the key `.`. Sets are values: operations answer new ones and may share
 * parts.
 */
export interface FieldSet {
  [element: string]: FieldSet;
}

const leaf: FieldSet = Object.freeze({});

export function isEmpty(set: FieldSet): boolean {
  for (const _ in set) return false;
  return true;
}

/** Whether a node (not a root) is a member itself. */
export function isMember(node: FieldSet): boolean {
  return '.' in node || isEmpty(node);
}

/** A node from its parts; undefined when it would hold nothing. */
export function node(member: boolean, children: FieldSet): FieldSet | undefined {
  if (isEmpty(children)) return member ? leaf : undefined;
  return member ? { '.': leaf, ...children } : children;
}

/** `set` with a child, when there is one. Changes `set`. */
export function put(set: FieldSet, element: string, child: FieldSet | undefined): void {
  if (child !== undefined) set[element] = child;
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmpty(a)) return b;
  if (isEmpty(b)) return a;
  const result: FieldSet = { ...a };
  for (const element in b) {
    if (element === '.') continue;
    const left = a[element];
    result[element] = left === undefined ? b[element]! : unionNodes(left, b[element]!);
  }
  return result;
}

function unionNodes(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return a;
  const children = union(withoutDot(a), withoutDot(b));
  return node(isMember(a) || isMember(b), children)!;
}

function withoutDot(set: FieldSet): FieldSet {
  if (!('.' in set)) return set;
  const { '.': _, ...children } = set;
  return children;
}

/** Members of `a` that are not members of `b`. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmpty(b)) return a;
  const result: FieldSet = {};
  for (const element in a) {
    if (element === '.') continue;
    const left = a[element]!;
    const right = b[element];
    if (right === undefined) result[element] = left;
    else
      put(result, element, node(isMember(left) && !isMember(right), difference(withoutDot(left), withoutDot(right))));
  }
  return result;
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const result: FieldSet = {};
  for (const element in a) {
    if (element === '.') continue;
    const left = a[element]!;
    const right = b[element];
    if (right === undefined) continue;
    put(result, element, node(isMember(left) && isMember(right), intersection(withoutDot(left), withoutDot(right))));
  }
  return result;
}

export function equalSets(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true;
  let count = 0;
  for (const element in a) {
    const right = b[element];
    if (right === undefined || !equalSets(a[element]!, right)) return false;
    count++;
  }
  for (const _ in b) count--;
  return count === 0;
}

/** The set with its elements in the API server's order: members' mark first, then by element. */
export function sorted(set: FieldSet): FieldSet {
  const result: FieldSet = {};
  for (const element of Object.keys(set).sort()) result[element] = sorted(set[element]!);
  return result;
}

/** Every member's path as text: `.spec.containers[name="app"].image`. Members of a level come before deeper ones. */
export function paths(set: FieldSet): string[] {
  const found: string[] = [];
  collect(set, '', found);
  return found;
}

function collect(set: FieldSet, prefix: string, found: string[]): void {
  const elements = Object.keys(set)
    .filter((element) => element !== '.')
    .sort();
  for (const element of elements) if (isMember(set[element]!)) found.push(prefix + elementText(element));
  for (const element of elements) collect(set[element]!, prefix + elementText(element), found);
}

function elementText(element: string): string {
  const content = element.slice(2);
  switch (element[0]) {
    case 'f':
      return `.${content}`;
    case 'k': {
      const keys = JSON.parse(content) as Record<string, unknown>;
      return `[${Object.entries(keys)
        .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
        .join(',')}]`;
    }
    case 'v':
      return `[=${content}]`;
    default:
      return `[${content}]`;
  }
}
