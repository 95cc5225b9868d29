import { compileRegex, RegexError } from '@gitops-toolkit/template';
import { gvkOf, type KubeObject } from '@gitops-toolkit/api';

/** Which objects a rule is about; every given field must match, absent and empty ones match anything (KUS-262). */
export interface ObjectSelector {
  /** Regular expressions, matched in full. */
  group?: string;
  version?: string;
  kind?: string;
  namespace?: string;
  name?: string;
  /** Label selection syntax: `a=b,c!=d,e in (x,y),!f`. */
  labelSelector?: string;
  annotationSelector?: string;
}

/** A selector that cannot be used (KUS-264). */
export class SelectorError extends Error {
  override readonly name = 'SelectorError';
}

const patternFields = ['group', 'version', 'kind', 'namespace', 'name'] as const;

/** @throws SelectorError for an invalid regular expression or label selection. */
export function compileSelector(selector: ObjectSelector): (object: KubeObject) => boolean {
  const patterns = patternFields
    .filter((field) => selector[field])
    .map((field) => ({ field, regex: fullMatch(field, selector[field]!) }));
  const labels = selection('label', selector.labelSelector);
  const annotations = selection('annotation', selector.annotationSelector);
  return (object) => {
    const { name, namespace } = object.metadata;
    const values = { ...gvkOf(object), name, namespace: namespace ?? '' };
    return (
      patterns.every(({ field, regex }) => regex.test(values[field])) &&
      labels(object.metadata.labels ?? {}) &&
      annotations(object.metadata.annotations ?? {})
    );
  };
}

function fullMatch(field: string, pattern: string) {
  try {
    return compileRegex(`^(?:${pattern})$`);
  } catch (cause) {
    if (!(cause instanceof RegexError)) throw cause;
    throw new SelectorError(`invalid ${field} regex: ${cause.message}`, { cause });
  }
}

function selection(what: string, text: string | undefined): (values: Record<string, string>) => boolean {
  try {
    const requirements = splitSelection(text ?? '').map(parseRequirement);
    return (values) => requirements.every((holds) => holds(values));
  } catch (cause) {
    if (!(cause instanceof SelectorError)) throw cause;
    throw new SelectorError(`invalid ${what} selector: ${cause.message}`, { cause });
  }
}

/** Splits at the commas that are not inside parentheses. */
function splitSelection(text: string): string[] {
  const parts = text.match(/(?:\([^)]*\)?|[^,(])+/g) ?? [];
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

type Requirement = (values: Record<string, string>) => boolean;

const keyPattern = '[A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9])?';
const existence = new RegExp(`^(!?)\\s*(${keyPattern})$`);
const equality = new RegExp(`^(${keyPattern})\\s*(==?|!=)\\s*([A-Za-z0-9._-]*)$`);
const membership = new RegExp(`^(${keyPattern})\\s+(in|notin)\\s*\\(([^()]*)\\)$`);

function parseRequirement(text: string): Requirement {
  const exists = existence.exec(text);
  if (exists) {
    const [, not, key] = exists;
    return (values) => Object.hasOwn(values, key!) === (not === '');
  }
  const equals = equality.exec(text);
  if (equals) {
    const [, key, operator, value] = equals;
    return (values) => (Object.hasOwn(values, key!) && values[key!] === value) === (operator !== '!=');
  }
  const member = membership.exec(text);
  if (member) {
    const [, key, operator, list] = member;
    const wanted = new Set(list!.split(',').map((value) => value.trim()));
    return (values) => (Object.hasOwn(values, key!) && wanted.has(values[key!]!)) === (operator === 'in');
  }
  throw new SelectorError(`cannot read ${JSON.stringify(text)}`);
}
