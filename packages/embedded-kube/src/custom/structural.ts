/** Checks that a CRD's schema is structural. */
import { schema, type JsonSchema } from '@gitops-toolkit/api';

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

export function checkStructure(openApi: JsonSchema, path: string): schema.Issue[] {
  const issues: schema.Issue[] = [];
  if (openApi.type !== 'object') {
    issues.push(
      openApi.type === undefined
        ? schema.required(`${path}.type`, 'must not be empty at the root')
        : schema.invalid(`${path}.type`, openApi.type, 'must be object at the root'),
    );
  }
  walk(openApi, path, true, issues);
  return issues;
}

function walk(node: JsonSchema, path: string, root: boolean, issues: schema.Issue[]): void {
  const anyType = node['x-kubernetes-int-or-string'] || node['x-kubernetes-preserve-unknown-fields'];
  if (node.type === undefined) {
    if (!anyType && !root)
      issues.push(schema.required(`${path}.type`, 'must not be empty for specified object fields'));
  } else if (!types.includes(node.type)) issues.push(schema.notSupported(`${path}.type`, node.type, types));
  if (node.type === 'array' && node.items === undefined)
    issues.push(schema.required(`${path}.items`, 'must be specified'));
  if (node.properties !== undefined && node.additionalProperties !== undefined) {
    issues.push(
      schema.forbidden(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'),
    );
  }
  checkPattern(node, path, issues);
  checkDefault(node, path, issues);
  if (node.uniqueItems) {
    const text = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    issues.push(schema.forbidden(`${path}.uniqueItems`, text));
  }
  checkList(node, path, issues);
  checkRules(node, path, issues);
  for (const name of Object.keys(node.properties ?? {}))
    walk(node.properties![name]!, `${path}.properties[${name}]`, false, issues);
  if (schema.isObject(node.additionalProperties))
    walk(node.additionalProperties as JsonSchema, `${path}.additionalProperties`, false, issues);
  if (node.items !== undefined) walk(node.items, `${path}.items`, false, issues);
}

/** A default must be valid itself. */
function checkDefault(node: JsonSchema, path: string, issues: schema.Issue[]): void {
  if (node.default === undefined || node.type === undefined || !types.includes(node.type)) return;
  // Under a name of its own, which then is cut out of the text: a default has no path.
  const probe: JsonSchema = { type: 'object', properties: { default: { ...node, default: undefined } } };
  for (const issue of schema.validate(probe, { default: node.default })) {
    const within = issue.path.slice('default'.length);
    const message = issue.message.replace(/: (spec\.)?default in body/, ':  in body');
    issues.push({ ...issue, path: `${path}.default${within}`, message });
  }
}

function checkPattern(node: JsonSchema, path: string, issues: schema.Issue[]): void {
  if (node.pattern === undefined) return;
  try {
    schema.compilePattern(node.pattern);
  } catch {
    issues.push(schema.invalid(`${path}.pattern`, node.pattern, 'must be a valid regular expression'));
  }
}

function checkList(node: JsonSchema, path: string, issues: schema.Issue[]): void {
  const listType = node['x-kubernetes-list-type'];
  if (listType !== undefined && !['atomic', 'set', 'map'].includes(listType))
    issues.push(schema.notSupported(`${path}.x-kubernetes-list-type`, listType, ['atomic', 'set', 'map']));
  if (listType !== 'map') return;
  const keys = node['x-kubernetes-list-map-keys'] ?? [];
  if (keys.length === 0)
    issues.push(
      schema.required(`${path}.x-kubernetes-list-map-keys`, 'must not be empty if x-kubernetes-list-type is map'),
    );
  keys.forEach((key, index) => {
    const property = node.items?.properties?.[key];
    if (property === undefined) {
      issues.push(
        schema.invalid(
          `${path}.x-kubernetes-list-map-keys[${index}]`,
          key,
          'entries must all be names of item properties',
        ),
      );
    } else if (!node.items?.required?.includes(key) && property.default === undefined) {
      issues.push(
        schema.required(
          `${path}.items.properties[${key}].default`,
          'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
        ),
      );
    }
  });
}

function checkRules(node: JsonSchema, path: string, issues: schema.Issue[]): void {
  node['x-kubernetes-validations']?.forEach((rule, index) => {
    const at = `${path}.x-kubernetes-validations[${index}]`;
    if (!rule.rule?.trim()) issues.push(schema.required(`${at}.rule`, 'rule is not specified'));
    else {
      const problem = schema.celSyntaxError(rule.rule);
      if (problem !== undefined) issues.push(schema.invalid(`${at}.rule`, rule.rule, `compilation failed: ${problem}`));
    }
  });
}
