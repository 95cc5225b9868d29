/** Runs the CEL rules of a schema over a value. */
import type { SchemaNode } from '../compile.ts';
import { duplicate, forbidden, invalid, omitted, required, type Issue } from '../issue.ts';
import { isObject, jsonEqual, type JsonObject } from '../types.ts';
import { oldItemFinder } from '../validate.ts';
import { type Program, optionalOf } from './environment.ts';
import type { CompiledRule } from './rules.ts';
import { celValue } from './values.ts';

/** Rules of the value itself, then of its parts. `old` is undefined where there is no former value. */
export function checkRules(node: SchemaNode, value: unknown, old: unknown, path: string, issues: Issue[]): void {
  if (!node.hasRules || value === null || value === undefined) return;
  if (node.rules.length > 0) runRules(node, value, old, path, issues);
  if (Array.isArray(value)) {
    if (!node.items?.hasRules) return;
    const oldItem = oldItemFinder(node, old);
    for (let i = 0; i < value.length; i++) checkRules(node.items, value[i], oldItem(value[i]), `${path}[${i}]`, issues);
  } else if (isObject(value)) {
    checkFields(node, value, isObject(old) ? old : undefined, path, issues);
  }
}

function checkFields(
  node: SchemaNode,
  value: JsonObject,
  old: JsonObject | undefined,
  path: string,
  issues: Issue[],
): void {
  for (const name in value) {
    const property = node.properties?.get(name);
    if (property !== undefined)
      checkRules(property, value[name], old?.[name], path === '' ? name : `${path}.${name}`, issues);
    else if (node.additional?.hasRules)
      checkRules(node.additional, value[name], old?.[name], `${path}[${name}]`, issues);
  }
}

function runRules(node: SchemaNode, value: unknown, old: unknown, path: string, issues: Issue[]): void {
  const hasOld = old !== undefined;
  // Ratcheting: what did not change is not checked again, except by rules about the change itself.
  const unchanged = hasOld && jsonEqual(value, old);
  const type = node.schema.type ?? 'object';
  const self = celValue(node, value);
  const oldSelf = hasOld ? celValue(node, old) : undefined;
  for (const compiled of node.rules) {
    if (compiled.usesOldSelf ? !hasOld && !compiled.rule.optionalOldSelf : unchanged) continue;
    const scope: Record<string, unknown> = { self };
    if (compiled.usesOldSelf) scope.oldSelf = compiled.rule.optionalOldSelf ? optionalOf(hasOld, oldSelf) : oldSelf;
    const issue = runRule(compiled, scope, type, value, path);
    if (issue !== undefined) issues.push(issue);
  }
}

function runRule(
  compiled: CompiledRule,
  scope: Record<string, unknown>,
  type: string,
  value: unknown,
  path: string,
): Issue | undefined {
  const rule = compiled.rule;
  // Like the API server, errors name a rule by its message when it has one.
  const ruleText = (rule.message || rule.rule).trim();
  let program: Program;
  try {
    program = compiled.program();
  } catch (error) {
    return invalid(path, type, `rule compile error: ${firstLine(error)}`);
  }
  try {
    if (program(scope) === true) return undefined;
  } catch (error) {
    const text = firstLine(error);
    return invalid(
      path,
      type,
      /no such overload|no matching overload/.test(text)
        ? `'${text}': call arguments did not match a supported operator, function or macro signature for rule: ${ruleText}`
        : `${text} evaluating rule: ${ruleText}`,
    );
  }
  const at =
    rule.fieldPath === undefined ? path : path === '' ? rule.fieldPath.replace(/^\./, '') : path + rule.fieldPath;
  const shown = type === 'object' || type === 'array' ? omitted : value;
  const message = messageOf(compiled, scope) ?? (rule.message ? ruleText : `failed rule: ${ruleText}`);
  switch (rule.reason) {
    case 'FieldValueForbidden':
      return forbidden(at, message);
    case 'FieldValueRequired':
      return required(at, message);
    case 'FieldValueDuplicate':
      return duplicate(at, value);
    default:
      return invalid(at, shown, message);
  }
}

/** The message that `messageExpression` yields; nothing when there is none, it fails, or it yields no usable line. */
function messageOf(compiled: CompiledRule, scope: Record<string, unknown>): string | undefined {
  if (compiled.messageProgram === undefined) return undefined;
  try {
    const message = compiled.messageProgram()(scope);
    if (typeof message !== 'string' || message.includes('\n') || message.trim() === '' || message.length > 5120)
      return undefined;
    return message.trim();
  } catch {
    return undefined;
  }
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error)
    .split('\n')[0]!
    .trim();
}
