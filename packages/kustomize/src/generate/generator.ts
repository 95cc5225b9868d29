import { KustomizeError } from '../errors.ts';
import { type Loader } from '../build/loader.ts';
import { type GeneratorArgs, type GeneratorOptions } from '../kustomization/types.ts';
import { makeResource, type Resource } from '../resource/resource.ts';
import { compareText } from '../resource/order.ts';
import { type ScopeLookup } from '../resource/scope.ts';
import { setField } from '../yaml/edit.ts';
import { TAG, map, scalar, text, type YamlNode } from '../yaml/node.ts';
import { readPairs, type Pair } from './sources.ts';

export interface GeneratorInput {
  loader: Loader;
  args: GeneratorArgs;
  /** `generatorOptions` of the kustomization (KZE-590). */
  defaults?: GeneratorOptions;
  scope?: ScopeLookup;
}

/** A ConfigMap from files, env files and literals (KZE-586). */
export function generateConfigMap(input: GeneratorInput): Resource {
  const { root, pairs } = start('ConfigMap', input);
  for (const { key, value } of pairs) {
    const decoded = decodeUtf8(value);
    if (decoded === undefined) setField(childMap(root, 'binaryData'), key, dataText(base64(value)));
    else setField(childMap(root, 'data'), key, dataText(decoded));
  }
  return finish(root, input);
}

/** A Secret; every value in base64 (KZE-587). */
export function generateSecret(input: GeneratorInput): Resource {
  const { root, pairs } = start('Secret', input);
  const data = childMap(root, 'data');
  for (const { key, value } of pairs) setField(data, key, dataText(base64(value)));
  setField(root, 'type', text(input.args.type || 'Opaque'));
  return finish(root, input);
}

function start(kind: string, { loader, args }: GeneratorInput): { root: YamlNode; pairs: Pair[] } {
  if (!args.name) throw new KustomizeError('a configmap must have a name');
  const pairs = readPairs(loader, args).sort((a, b) => compareText(a.key, b.key));
  for (let i = 1; i < pairs.length; i++) {
    if (pairs[i]!.key === pairs[i - 1]!.key) {
      throw new KustomizeError(`configmap ${args.name} illegally repeats the key \`${pairs[i]!.key}\``);
    }
  }
  const root = map();
  root.entries.set('apiVersion', scalar('v1', TAG.string));
  root.entries.set('kind', scalar(kind, TAG.string));
  const metadata = childMap(root, 'metadata');
  setField(metadata, 'name', text(args.name));
  if (args.namespace) setField(metadata, 'namespace', text(args.namespace));
  return { root, pairs };
}

function finish(root: YamlNode, { args, defaults, scope }: GeneratorInput): Resource {
  const options = args.options ?? {};
  const metadata = root.entries.get('metadata')!;
  for (const field of ['labels', 'annotations'] as const) {
    const values = { ...defaults?.[field], ...options[field] };
    for (const key of Object.keys(values).sort(compareText)) {
      setField(childMap(metadata, field), key, scalar(values[key]!, TAG.string, true));
    }
  }
  if (options.immutable || defaults?.immutable) setField(root, 'immutable', scalar('true', TAG.bool));
  const resource = makeResource(root, { scope });
  resource.generated = true;
  resource.behavior = args.behavior ?? '';
  resource.needsHash = !(options.disableNameSuffixHash || defaults?.disableNameSuffixHash);
  return resource;
}

function childMap(parent: YamlNode, key: string): YamlNode {
  let child = parent.entries.get(key);
  if (child === undefined) {
    child = map();
    parent.entries.set(key, child);
  }
  return child;
}

function dataText(value: string): YamlNode {
  return scalar(value, TAG.string, value.includes('\n'));
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

const LINE = 70;

/** Base64 as generated objects hold it: long texts in lines of 70, each ended by a newline (KZE-588). */
export function base64(bytes: Uint8Array): string {
  const encoded = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  return encoded.length < LINE ? encoded : encoded.replace(/.{1,70}/g, '$&\n');
}
