// Writes src/builtin/schemas.json: the shapes of the built-in kinds, taken from the OpenAPI document that Kubernetes
// publishes with each release (api/openapi-spec/swagger.json of the module k8s.io/kubernetes).
//
//   go mod download -json k8s.io/kubernetes@v1.35.4      # prints "Dir"
//   node scripts/generate-schemas.mjs "$DIR/api/openapi-spec/swagger.json"
//
// Kept are field names, types, formats, enumerations, required fields and the x-kubernetes-* markers that say how lists
// and maps merge. Left out is all prose, and everything that only alpha or beta versions use.
import { readFileSync, writeFileSync } from 'node:fs';

const source = process.argv[2];
if (!source) throw new Error('usage: generate-schemas.mjs swagger.json');
const { definitions, info } = JSON.parse(readFileSync(source, 'utf8'));

const stableVersion = /^v\d+$/;
const kept = new Map();

function shortName(name) {
  return name.replace(
    /^io\.k8s\.(api|apimachinery\.pkg\.apis|apimachinery\.pkg|apiextensions-apiserver\.pkg\.apis|kube-aggregator\.pkg\.apis)\./,
    '',
  );
}

function keep(name) {
  const short = shortName(name);
  if (kept.has(short)) return short;
  kept.set(short, undefined);
  kept.set(short, convert(definitions[name]));
  return short;
}

const dropped = new Set(['description', 'x-kubernetes-group-version-kind', 'x-kubernetes-unions', 'default']);

function convert(schema) {
  const out = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === '$ref') out.ref = keep(value.slice('#/definitions/'.length));
    else if (key === 'properties') {
      out.properties = Object.fromEntries(Object.entries(value).map(([name, child]) => [name, convert(child)]));
    } else if (key === 'items' || key === 'additionalProperties')
      out[key] = typeof value === 'object' ? convert(value) : value;
    else if (!dropped.has(key)) out[key] = value;
  }
  return out;
}

const kinds = {};
for (const name of Object.keys(definitions).sort()) {
  for (const { group, version, kind } of definitions[name]['x-kubernetes-group-version-kind'] ?? []) {
    if (!stableVersion.test(version)) continue;
    if (
      !definitions[name].properties?.apiVersion ||
      kind.endsWith('List') ||
      kind === 'DeleteOptions' ||
      kind === 'WatchEvent'
    )
      continue;
    kinds[group === '' ? `${version}/${kind}` : `${group}/${version}/${kind}`] = keep(name);
  }
}

const lines = [...kept.keys()].sort().map((name) => `${JSON.stringify(name)}:${JSON.stringify(kept.get(name))}`);
const text = `{"version":${JSON.stringify(info.version)},\n"kinds":${JSON.stringify(kinds, null, 1)},\n"definitions":{\n${lines.join(',\n')}\n}}\n`;
writeFileSync(new URL('../src/builtin/schemas.json', import.meta.url), text);
console.error(`${Object.keys(kinds).length} kinds, ${kept.size} definitions, ${text.length} characters`);
