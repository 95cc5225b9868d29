/** Value constraints: everything in a schema that is neither type, structure nor CEL. */
import type { SchemaNode } from './compile.ts';
import { invalid, notSupported, tooLong, tooMany, typeInvalid, type Issue } from './issue.ts';
import { isObject } from './types.ts';
import { validateNode } from './validate.ts';

export function checkConstraints(node: SchemaNode, value: unknown, path: string, issues: Issue[]): void {
  if (typeof value === 'string') checkString(node, value, path, issues);
  else if (typeof value === 'number') checkNumber(node, value, path, issues);
  else if (Array.isArray(value)) checkArray(node, value, path, issues);
  else if (isObject(value)) checkObject(node, value, path, issues);
  if (node.enumeration !== undefined && !node.enumeration.has(JSON.stringify(value))) {
    const members = node.schema.enum!.map((member) => (typeof member === 'string' ? member : JSON.stringify(member)));
    issues.push(notSupported(path, value, members));
  }
  checkJunctors(node, value, path, issues);
}

function checkString(node: SchemaNode, value: string, path: string, issues: Issue[]): void {
  const { minLength, maxLength, pattern, format } = node.schema;
  if (minLength !== undefined || maxLength !== undefined) {
    // Lengths count characters, not UTF-16 units.
    const length = codePoints(value);
    if (maxLength !== undefined && length > maxLength) issues.push(tooLong(path, maxLength));
    if (minLength !== undefined && length < minLength) {
      issues.push(invalid(path, value, `${path} in body should be at least ${minLength} chars long`));
    }
  }
  if (node.pattern !== undefined && !node.pattern.test(value)) {
    issues.push(invalid(path, value, `${path} in body should match '${pattern}'`));
  }
  if (node.format !== undefined && !node.format(value)) {
    issues.push(typeInvalid(path, value, `${path} in body must be of type ${format}: ${JSON.stringify(value)}`));
  }
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

function checkNumber(node: SchemaNode, value: number, path: string, issues: Issue[]): void {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf, format } = node.schema;
  const complain = (text: string) => issues.push(invalid(path, value, `${path} in body should be ${text}`));
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) {
    complain(exclusiveMaximum ? `less than ${maximum}` : `less than or equal to ${maximum}`);
  }
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) {
    complain(exclusiveMinimum ? `greater than ${minimum}` : `greater than or equal to ${minimum}`);
  }
  if (multipleOf !== undefined && !Number.isInteger(value / multipleOf)) complain(`a multiple of ${multipleOf}`);
  if (format === 'int32' && Number.isInteger(value) && (value > 2147483647 || value < -2147483648)) {
    issues.push(invalid(path, value, 'Checked value must be of type integer with format int32'));
  }
}

function checkArray(node: SchemaNode, value: unknown[], path: string, issues: Issue[]): void {
  const { minItems, maxItems, uniqueItems } = node.schema;
  if (minItems !== undefined && value.length < minItems) {
    issues.push(invalid(path, value.length, `${path} in body should have at least ${minItems} items`));
  }
  if (maxItems !== undefined && value.length > maxItems) issues.push(tooMany(path, value.length, maxItems));
  if (uniqueItems && new Set(value.map((item) => JSON.stringify(item))).size < value.length) {
    issues.push(invalid(path, '', `${path} in body shouldn't contain duplicates`));
  }
}

function checkObject(node: SchemaNode, value: object, path: string, issues: Issue[]): void {
  const { minProperties, maxProperties } = node.schema;
  if (minProperties === undefined && maxProperties === undefined) return;
  const count = Object.keys(value).length;
  if (minProperties !== undefined && count < minProperties) {
    issues.push(invalid(path, count, `${path} in body should have at least ${minProperties} properties`));
  }
  if (maxProperties !== undefined && count > maxProperties) issues.push(tooMany(path, count, maxProperties));
}

/** allOf, anyOf, oneOf, not. Their own issues have no field, as in the API server: the text names it. */
function checkJunctors(node: SchemaNode, value: unknown, path: string, issues: Issue[]): void {
  for (const branch of node.allOf) {
    const found = issuesOf(branch, value, path);
    if (found.length > 0) issues.push(...found);
  }
  if (node.anyOf.length > 0) {
    const results = node.anyOf.map((branch) => issuesOf(branch, value, path));
    if (!results.some((found) => found.length === 0)) {
      issues.push(
        invalid('', '', `${JSON.stringify(path)} must validate at least one schema (anyOf)`),
        ...fewest(results),
      );
    }
  }
  if (node.oneOf.length > 0) {
    const results = node.oneOf.map((branch) => issuesOf(branch, value, path));
    const valid = results.filter((found) => found.length === 0).length;
    if (valid !== 1) {
      const count = valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`;
      issues.push(invalid('', '', `${JSON.stringify(path)} must validate one and only one schema (oneOf). ${count}`));
      if (valid === 0) issues.push(...fewest(results));
    }
  }
  if (node.not !== undefined && issuesOf(node.not, value, path).length === 0) {
    issues.push(invalid('', '', `${JSON.stringify(path)} must not validate the schema (not)`));
  }
}

function issuesOf(branch: SchemaNode, value: unknown, path: string): Issue[] {
  const found: Issue[] = [];
  validateNode(branch, value, undefined, path, found);
  return found;
}

/** The issues of the branch that came closest. */
function fewest(results: Issue[][]): Issue[] {
  return results.reduce((best, found) => (found.length < best.length ? found : best));
}
