/** Reads what a client sent as a built-in kind. */
import { schema, type JsonSchema } from '@gitops-toolkit/api';
import type { JsonObject, KubeJson } from '../object/json.ts';
import { badRequest } from '../status/errors.ts';

/**
 * Drops unknown fields and nulls in place, and answers the paths of unknown fields. Throws 400 with the decoder's words
 * for a value of the wrong type: built-in kinds are read into typed structures, and never get as far as validation.
 */
export function decodeBuiltin(shape: JsonSchema, object: KubeJson, kind: string, version: string): string[] {
  return decodeTyped(shape, object, (path, found, wanted) => {
    const problem = found.startsWith('!')
      ? found.slice(1)
      : `json: cannot unmarshal ${found} into Go struct field ${kind}.${path} of type ${wanted}`;
    throw badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${problem}`);
  });
}

/** The same for any value of a typed structure; `complain` words the error. */
export function decodeTyped(shape: JsonSchema, value: unknown, complain: Complain): string[] {
  const unknown = schema.prune(shape, value, { root: false });
  clean(schema.compileSchema(shape), value, '', complain);
  return unknown;
}

/** `found` is the JSON type that was found, or, after an exclamation mark, a whole sentence. */
type Complain = (path: string, found: string, wanted: string) => never;

const quantityText = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/** Texts that are read into something else than text. */
function checkText(format: string | undefined, value: string, path: string, complain: Complain): void {
  if (format === 'quantity' && schema.parseQuantity(value) === undefined) complain(path, `!${quantityText}`, 'string');
  if (format !== 'byte') return;
  const bad = value.replace(/=*$/, '').search(/[^A-Za-z0-9+/\r\n]/);
  if (bad >= 0) complain(path, `!illegal base64 data at input byte ${bad}`, 'string');
  if (value.replace(/[\r\n]/g, '').length % 4 !== 0)
    complain(path, `!illegal base64 data at input byte ${value.length}`, 'string');
}

function clean(node: schema.SchemaNode, value: unknown, path: string, complain: Complain): void {
  if (Array.isArray(value)) {
    if (node.types.length > 0 && !node.types.includes('array')) complain(path, 'array', wantedType(node));
    for (let i = 0; node.items !== undefined && i < value.length; i++) {
      if (value[i] === null) value[i] = zeroOf(node.items);
      clean(node.items, value[i], path, complain);
    }
    return;
  }
  if (schema.isObject(value)) {
    if (node.types.length > 0 && !node.types.includes('object')) complain(path, 'object', wantedType(node));
    cleanFields(node, value, path, complain);
    return;
  }
  if (value === null || value === undefined || node.types.length === 0) return;
  if (typeof value === 'string') checkText(node.schema.format, value, path, complain);
  const found = typeof value === 'boolean' ? 'bool' : typeof value;
  const fits =
    typeof value === 'number'
      ? node.types.includes('number') ||
        (node.types.includes('integer') && Number.isInteger(value)) ||
        node.schema.format === 'quantity'
      : node.types.includes(typeof value);
  if (!fits)
    complain(
      path,
      found === 'number' && node.types.includes('integer') ? `number ${value as number}` : found,
      wantedType(node),
    );
}

function cleanFields(node: schema.SchemaNode, value: JsonObject, path: string, complain: Complain): void {
  for (const name in value) {
    const child = node.properties?.get(name) ?? node.additional;
    // Entries of a map are named by the map.
    const field = node.properties?.has(name) ? (path === '' ? name : `${path}.${name}`) : path;
    if (child === undefined) continue;
    const present = value[name];
    // A null is the absence of a field, but the zero value of a map's entry.
    if (present === null && child.types.length > 0 && node.properties?.has(name)) delete value[name];
    else if (present === null) value[name] = zeroOf(child);
    else if (isLeftOut(node, child, name, present)) delete value[name];
    else {
      clean(child, present, field, complain);
      if (typeof present === 'number' && child.schema.format === 'quantity') value[name] = String(present);
    }
  }
}

/** An optional list or map that is empty is not written: typed structures cannot tell it from one that is not there. */
/** Fields whose emptiness means something. */
const keptEmpty = ['rules', 'managedFields'];

function isLeftOut(node: schema.SchemaNode, child: schema.SchemaNode, name: string, value: unknown): boolean {
  if (keptEmpty.includes(name) || !node.properties?.has(name) || node.schema.required?.includes(name)) return false;
  if (Array.isArray(value)) return value.length === 0 && child.types.includes('array');
  return schema.isObject(value) && child.additional !== undefined && Object.keys(value).length === 0;
}

/** What a typed structure holds where nothing was given; null where any JSON may stand. */
function zeroOf(node: schema.SchemaNode): unknown {
  if (node.types.includes('string') && node.types.length === 1) return '';
  if (node.types.includes('object')) return {};
  if (node.types.includes('array')) return [];
  if (node.types.includes('boolean')) return false;
  return node.types.length > 0 ? 0 : null;
}

function wantedType(node: schema.SchemaNode): string {
  if (node.types.includes('array')) return `[]${node.items ? wantedType(node.items) : 'interface {}'}`;
  if (node.types.includes('object')) return node.additional ? `map[string]${wantedType(node.additional)}` : 'struct';
  if (node.types.includes('boolean')) return 'bool';
  if (node.types.includes('integer') && !node.types.includes('string')) return node.schema.format ?? 'int32';
  if (node.types.includes('number')) return 'float64';
  return 'string';
}
