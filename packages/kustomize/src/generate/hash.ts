import { createHash } from 'node:crypto';
import { toPlain, type Plain } from '../yaml/data.ts';
import { metadataMap, setMetadataText } from '../yaml/edit.ts';
import { textAt, type YamlNode } from '../yaml/node.ts';
import { compareText } from '../resource/order.ts';
import { kindOf, nameOf, rememberId, type Resource } from '../resource/resource.ts';
import { type Step } from '../transform/step.ts';

const USER_MARK = 'internal.config.kubernetes.io/needsHashSuffix';

/** Appends the content hash to the names of marked ConfigMaps and Secrets (KZE-610, KZE-617). */
export const hashStep: Step = {
  kind: 'HashTransformer',
  run(list) {
    for (const resource of list.items) {
      if (!isMarked(resource)) continue;
      const hash = contentHash(resource.root);
      if (hash === undefined) continue;
      rememberId(resource);
      setMetadataText(resource.root, 'name', `${nameOf(resource)}-${hash}`);
    }
    list.invalidate();
  },
};

function isMarked(resource: Resource): boolean {
  if (resource.needsHash) return true;
  return (
    /^(ConfigMap|Secret)$/.test(kindOf(resource)) &&
    metadataMap(resource.root, 'annotations').get(USER_MARK) === 'enabled'
  );
}

/** The hash of a ConfigMap or Secret; undefined for other kinds (KZE-611 to KZE-616). */
export function contentHash(object: YamlNode): string | undefined {
  const kind = textAt(object, 'kind');
  const field = (name: string): Plain => {
    const node = object.entries.get(name);
    return node === undefined ? '' : toPlain(node, 'bigint');
  };
  const optional = (name: string) => (object.entries.get(name)?.kind === 'map' ? { [name]: field(name) } : {});
  if (kind === 'ConfigMap') return hashText({ ...optional('binaryData'), data: field('data'), kind, name: '' });
  if (kind === 'Secret') {
    return hashText({ data: field('data'), kind, name: '', ...optional('stringData'), type: textAt(object, 'type') });
  }
  return undefined;
}

const DIGITS: Record<string, string> = { 0: 'g', 1: 'h', 3: 'k', a: 'm', e: 't' };

function hashText(content: Plain): string {
  const digest = createHash('sha256').update(jsonText(content)).digest('hex').slice(0, 10);
  return digest.replace(/[013ae]/g, (digit) => DIGITS[digit]!);
}

/** JSON with keys in byte order and the escapes of KZE-613. */
export function jsonText(value: Plain): string {
  if (typeof value === 'string') return jsonString(value);
  if (typeof value === 'bigint') return value.toString();
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`;
  const keys = Object.keys(value).sort(compareText);
  return `{${keys.map((key) => `${jsonString(key)}:${jsonText(value[key]!)}`).join(',')}}`;
}

function jsonString(value: string): string {
  return JSON.stringify(value.toWellFormed()).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
