// Writes src/builtin/protobuf.json: how the built-in kinds are numbered in the protobuf encoding that Go clients send,
// taken from the struct tags of the modules k8s.io/api and k8s.io/apimachinery.
//
//   node scripts/generate-protobuf.mjs "$(go env GOMODCACHE)/k8s.io/api@v0.35.4" "$(go env GOMODCACHE)/k8s.io/apimachinery@v0.35.4"
//
// A field is written as "<name> <type>". Types: s string, y bytes, i integer, o boolean, d double, m:<message>; before
// them * for a pointer, [ for a list, { for a map from strings. A field without name is inlined in JSON.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [api, machinery] = process.argv.slice(2);
const { kinds } = JSON.parse(readFileSync(new URL('../src/builtin/schemas.json', import.meta.url), 'utf8'));

const structs = new Map();
const aliases = new Map();

function readPackage(directory, prefix) {
  for (const file of readdirSync(directory)) {
    if (!file.endsWith('.go') || file.endsWith('_test.go') || file.startsWith('zz_') || file.includes('generated'))
      continue;
    const text = readFileSync(join(directory, file), 'utf8');
    for (const [, name, body] of text.matchAll(/^type (\w+) struct \{\n([\s\S]*?)^\}/gm))
      structs.set(`${prefix}.${name}`, body);
    for (const [, name, target] of text.matchAll(/^type (\w+) (?!struct|interface|func)([\w.[\]]+)\s*(?:\/\/.*)?$/gm))
      aliases.set(`${prefix}.${name}`, target);
  }
}

for (const group of readdirSync(api, { withFileTypes: true })) {
  if (!group.isDirectory()) continue;
  for (const version of ['v1', 'v2']) {
    try {
      readPackage(join(api, group.name, version), `${group.name}.${version}`);
    } catch {
      // The group has no such version.
    }
  }
}
readPackage(join(machinery, 'pkg/apis/meta/v1'), 'meta.v1');

const special = {
  'meta.v1.Time': 'm:time',
  'meta.v1.MicroTime': 'm:microtime',
  'meta.v1.Duration': 'm:duration',
  'meta.v1.FieldsV1': 'm:raw',
  'resource.Quantity': 'm:quantity',
  'intstr.IntOrString': 'm:intorstring',
  'runtime.RawExtension': 'm:raw',
};
const builtin = {
  string: 's',
  bool: 'o',
  int32: 'i',
  int64: 'i',
  uint32: 'i',
  uint8: 'i',
  int: 'i',
  float64: 'd',
  '[]byte': 'y',
};
const imports = {
  metav1: 'meta.v1',
  v1: 'core.v1',
  corev1: 'core.v1',
  apiv1: 'core.v1',
  types: 'types',
  intstr: 'intstr',
  resource: 'resource',
  runtime: 'runtime',
  rbacv1: 'rbac.v1',
};

function typeOf(go, prefix) {
  if (go.startsWith('*')) return `*${typeOf(go.slice(1), prefix)}`;
  if (builtin[go]) return builtin[go];
  if (go.startsWith('[]')) return `[${typeOf(go.slice(2), prefix)}`;
  const map = /^map\[[\w.]+\](.+)$/.exec(go);
  if (map) return `{${typeOf(map[1], prefix)}`;
  const [scope, name] = go.includes('.') ? go.split('.') : [undefined, go];
  const full = scope === undefined ? `${prefix}.${name}` : `${imports[scope] ?? scope}.${name}`;
  if (special[full]) return special[full];
  if (full.startsWith('types.')) return 's';
  if (structs.has(full)) return `m:${keep(full)}`;
  const target = aliases.get(full);
  if (target === undefined) throw new Error(`${prefix}: what is ${go}?`);
  // A named list is a message of its own where it is the value of a map.
  if (name === 'ExtraValue') return 'm:items';
  return typeOf(target, full.slice(0, full.lastIndexOf('.')));
}

const messages = new Map();

function keep(full) {
  if (messages.has(full)) return full;
  const fields = {};
  messages.set(full, fields);
  const prefix = full.slice(0, full.lastIndexOf('.'));
  for (const line of structs.get(full).split('\n')) {
    if (line.trimStart().startsWith('//')) continue;
    const tag = /`(.*)`/.exec(line)?.[1];
    const number = tag && /protobuf:"\w+,(\d+)/.exec(tag)?.[1];
    if (!number) continue;
    const words = line.slice(0, line.indexOf('`')).trim().split(/\s+/);
    const json = /json:"([^",]*)/.exec(tag)?.[1] ?? '';
    fields[number] = `${json === '-' ? '' : json} ${typeOf(words.at(-1), prefix)}`;
  }
  return full;
}

const roots = {};
for (const [gvk, definition] of Object.entries(kinds)) if (structs.has(definition)) roots[gvk] = keep(definition);
keep('meta.v1.DeleteOptions');

const lines = [...messages.keys()]
  .sort()
  .map((name) => `${JSON.stringify(name)}:${JSON.stringify(messages.get(name))}`);
const text = `{"kinds":${JSON.stringify(roots, null, 1)},\n"messages":{\n${lines.join(',\n')}\n}}\n`;
writeFileSync(new URL('../src/builtin/protobuf.json', import.meta.url), text);
console.error(`${Object.keys(roots).length} kinds, ${messages.size} messages, ${text.length} characters`);
