/** JSON patch (RFC 6902) and JSON merge patch (RFC 7386). */
import { schema } from '@gitops-toolkit/api';
import { copyJson, type JsonObject } from '../object/json.ts';
import { badRequest, StatusError } from '../status/errors.ts';

/** Operations of a JSON patch at most, as in the API server. */
const maxOperations = 10_000;

interface Operation {
  op: string;
  path: string;
  from?: string;
  value?: unknown;
}

/** Applies a JSON patch to a copy of `target`. Throws 400 for a malformed patch, 422 when an operation cannot be done. */
export function jsonPatch(target: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) {
    throw badRequest('error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  }
  if (patch.length > maxOperations) {
    throw new StatusError(
      413,
      'RequestEntityTooLarge',
      `Request entity too large: The allowed maximum operations in a JSON patch is ${maxOperations}, got ${patch.length}`,
    );
  }
  const holder = { root: copyJson(target) };
  for (const operation of patch as Operation[]) perform(holder, operation);
  return holder.root;
}

function perform(holder: { root: unknown }, operation: Operation): void {
  const { op, path } = operation;
  if (typeof path !== 'string') throw failed(`${op} operation has no path`);
  switch (op) {
    case 'add':
      return add(holder, path, copyJson(operation.value));
    case 'remove':
      take(holder, path, op);
      return;
    case 'replace':
      if (path === '') {
        holder.root = copyJson(operation.value);
        return;
      }
      return replace(holder, path, copyJson(operation.value));
    case 'move':
      return add(holder, path, take(holder, operation.from ?? '', op));
    case 'copy':
      return add(holder, path, copyJson(lookUp(holder, operation.from ?? '', op)));
    case 'test':
      if (!schema.jsonEqual(find(holder, path) ?? null, operation.value ?? null)) {
        throw failed(`testing value ${path} failed: test failed`);
      }
      return;
    default:
      throw failed(`Unexpected kind: ${String(op)}`);
  }
}

/** The API server does not say which operation failed, or why; the cause keeps it for who debugs the server. */
function failed(detail: string): StatusError {
  const text = 'the server rejected our request due to an error in our request';
  const error = new StatusError(422, 'Invalid', text, {});
  error.cause = detail;
  return error;
}

function tokens(path: string): string[] {
  if (path === '') return [];
  if (!path.startsWith('/')) throw failed(`invalid path ${JSON.stringify(path)}: must start with '/'`);
  return path
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The container of a path's last token; undefined when the way there does not exist. */
function parentOf(holder: { root: unknown }, path: string): { container: unknown; token: string } {
  const way = tokens(path);
  const token = way.pop() ?? 'root';
  let container: unknown = path === '' ? holder : holder.root;
  for (const step of way) {
    container = Array.isArray(container)
      ? container[Number(step)]
      : schema.isObject(container)
        ? container[step]
        : undefined;
  }
  return { container, token };
}

function find(holder: { root: unknown }, path: string): unknown {
  const { container, token } = parentOf(holder, path);
  if (Array.isArray(container)) return container[index(container, token, container.length - 1, path)];
  return schema.isObject(container) ? container[token] : undefined;
}

function lookUp(holder: { root: unknown }, path: string, op: string): unknown {
  const value = find(holder, path);
  if (value === undefined) throw failed(`${op} operation does not apply: doc is missing key: ${path}: missing value`);
  return value;
}

function index(list: unknown[], token: string, max: number, path: string): number {
  const position = /^-\d+$/.test(token) ? list.length + Number(token) : /^\d+$/.test(token) ? Number(token) : NaN;
  if (Number.isNaN(position)) throw failed(`invalid array index ${JSON.stringify(token)} in ${path}`);
  if (position < 0 || position > max)
    throw failed(`Unable to access invalid index: ${token}: invalid index referenced`);
  return position;
}

function add(holder: { root: unknown }, path: string, value: unknown): void {
  const { container, token } = parentOf(holder, path);
  if (Array.isArray(container)) {
    container.splice(token === '-' ? container.length : index(container, token, container.length, path), 0, value);
  } else if (schema.isObject(container)) container[token] = value;
  else throw failed(`add operation does not apply: doc is missing path: ${JSON.stringify(path)}: missing value`);
}

function replace(holder: { root: unknown }, path: string, value: unknown): void {
  const { container, token } = parentOf(holder, path);
  if (Array.isArray(container)) container[index(container, token, container.length - 1, path)] = value;
  // A field that is not there is added: stricter readings of RFC 6902 refuse it.
  else if (schema.isObject(container)) container[token] = value;
  else throw failed(`replace operation does not apply: doc is missing key: ${path}: missing value`);
}

function take(holder: { root: unknown }, path: string, op: string): unknown {
  const { container, token } = parentOf(holder, path);
  if (Array.isArray(container)) return container.splice(index(container, token, container.length - 1, path), 1)[0];
  if (schema.isObject(container) && container[token] !== undefined) {
    const value = container[token];
    delete container[token];
    return value;
  }
  throw failed(`${op} operation does not apply: doc is missing key: ${path}: missing value`);
}

/** Applies a merge patch: objects field by field, null removes, everything else replaces. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!schema.isObject(patch)) return patch;
  const result: JsonObject = schema.isObject(target) ? { ...target } : {};
  for (const name of Object.keys(patch)) {
    if (patch[name] === null) delete result[name];
    else result[name] = mergePatch(result[name], patch[name]);
  }
  return result;
}
