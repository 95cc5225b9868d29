/** What is wrong with one field, in the wording of the Kubernetes API server. */

export type IssueType =
  | 'Required'
  | 'Invalid'
  | 'TypeInvalid'
  | 'NotSupported'
  | 'Duplicate'
  | 'Forbidden'
  | 'NotFound'
  | 'TooLong'
  | 'TooMany'
  | 'InternalError';

export interface Issue {
  /** `spec.containers[0].name`, or `<nil>` for the whole object. */
  path: string;
  type: IssueType;
  /** Without the path: `Required value`, `Invalid value: "x": must be …`. */
  message: string;
}

const titles: Record<IssueType, string> = {
  Required: 'Required value',
  Invalid: 'Invalid value',
  TypeInvalid: 'Invalid value',
  NotSupported: 'Unsupported value',
  Duplicate: 'Duplicate value',
  Forbidden: 'Forbidden',
  NotFound: 'Not found',
  TooLong: 'Too long',
  TooMany: 'Too many',
  InternalError: 'Internal error',
};

const causeReasons: Record<IssueType, string> = {
  Required: 'FieldValueRequired',
  Invalid: 'FieldValueInvalid',
  TypeInvalid: 'FieldValueTypeInvalid',
  NotSupported: 'FieldValueNotSupported',
  Duplicate: 'FieldValueDuplicate',
  Forbidden: 'FieldValueForbidden',
  NotFound: 'FieldValueNotFound',
  TooLong: 'FieldValueTooLong',
  TooMany: 'FieldValueTooMany',
  InternalError: 'InternalError',
};

/** Leaves the value out of a message. */
export const omitted: unique symbol = Symbol('omitted');

/** How a message shows a value: strings quoted, everything else as JSON. */
export function valueText(value: unknown): string {
  return typeof value === 'string' ? quote(value) : (JSON.stringify(value ?? null) ?? 'null');
}

/** A Go-quoted string: JSON quoting serves for everything that is printable. */
export function quote(text: string): string {
  return JSON.stringify(text);
}

function issue(type: IssueType, path: string, value: unknown, detail: string): Issue {
  const parts = value === omitted ? [titles[type]] : [titles[type], valueText(value)];
  if (detail !== '') parts.push(detail);
  return { path: path === '' ? '<nil>' : path, type, message: parts.join(': ') };
}

export const required = (path: string, detail = ''): Issue => issue('Required', path, omitted, detail);
export const forbidden = (path: string, detail: string): Issue => issue('Forbidden', path, omitted, detail);
export const invalid = (path: string, value: unknown, detail: string): Issue => issue('Invalid', path, value, detail);
export const typeInvalid = (path: string, value: unknown, detail: string): Issue =>
  issue('TypeInvalid', path, value, detail);
export const duplicate = (path: string, value: unknown): Issue => issue('Duplicate', path, value, '');
export const notFound = (path: string, value: unknown): Issue => issue('NotFound', path, value, '');

/** `supported` is shown sorted as given: enums in schema order, sets sorted by the caller. */
export function notSupported(path: string, value: unknown, supported: readonly string[]): Issue {
  const detail = supported.length > 0 ? `supported values: ${supported.map(quote).join(', ')}` : '';
  return issue('NotSupported', path, value, detail);
}

export function tooLong(path: string, max: number): Issue {
  return issue('TooLong', path, omitted, `may not be more than ${max} ${max === 1 ? 'byte' : 'bytes'}`);
}

export function tooMany(path: string, actual: number, max: number): Issue {
  return issue('TooMany', path, actual, `must have at most ${max} ${max === 1 ? 'item' : 'items'}`);
}

/** `path: message`, one line. */
export function issueText(issue: Issue): string {
  return `${issue.path}: ${issue.message}`;
}

/** The `reason` of the issue as a `metav1.StatusCause`. */
export function causeReason(issue: Issue): string {
  return causeReasons[issue.type];
}

/** Several issues on one line as the API server prints them: without brackets when there is one, without repeats. */
export function issuesText(issues: readonly Issue[]): string {
  const texts = [...new Set(issues.map(issueText))];
  return texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`;
}
