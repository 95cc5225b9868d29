import { type FieldSpec } from '../fieldspec/types.ts';
import { visitField } from '../fieldspec/walk.ts';
import { type ImageEntry } from '../kustomization/types.ts';
import { kindOf } from '../resource/resource.ts';
import { compileRegex } from '../resource/selector.ts';
import { expectKind, setScalar } from '../yaml/edit.ts';
import { entry, isMissing, scalar, type YamlNode } from '../yaml/node.ts';
import { type Step } from './step.ts';

/** Changes the name, tag or digest of images that match (KZE-675 to KZE-681). */
export function imageStep(image: ImageEntry, fieldSpecs: readonly FieldSpec[]): Step {
  const matches = imageMatcher(image.name ?? '');
  const update = (node: YamlNode) => {
    expectKind(node, 'scalar');
    if (!matches(node.value)) return;
    setScalar(node, scalar(replaceImage(node.value, image)));
  };
  return {
    kind: 'ImageTagTransformer',
    run(list) {
      for (const resource of list.items) {
        if (kindOf(resource) === 'CustomResourceDefinition') continue;
        visitContainers(resource.root, update);
      }
      for (const resource of list.items) {
        if (kindOf(resource) === 'CustomResourceDefinition') continue;
        for (const spec of fieldSpecs) visitField(resource, spec, update);
      }
    },
  };
}

const REST = '(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$';
const REST_PATTERN = new RegExp(`^${REST}`);

/** The name is a regular expression; one that does not compile matches nothing (KZE-677). */
export function imageMatcher(name: string): (image: string) => boolean {
  if (/^[A-Za-z0-9_\-/:@]*$/.test(name))
    return (image) => image.startsWith(name) && REST_PATTERN.test(image.slice(name.length));
  try {
    return compileRegex(`^${name}${REST}`);
  } catch {
    return () => false;
  }
}

/** Splits an image reference into name, tag and digest (KZE-678). */
export function splitImage(image: string): { name: string; tag: string; digest: string } {
  const from = Math.max(image.indexOf('/'), 0);
  const at = image.indexOf('@', from);
  const colon = image.indexOf(':', from);
  if (at >= 0 && (colon < 0 || at < colon)) return { name: image.slice(0, at), tag: '', digest: image.slice(at + 1) };
  if (colon < 0) return { name: image, tag: '', digest: '' };
  return {
    name: image.slice(0, colon),
    tag: image.slice(colon + 1, at < 0 ? undefined : at),
    digest: at < 0 ? '' : image.slice(at + 1),
  };
}

/** The reference after the entry was applied (KZE-679). */
export function replaceImage(image: string, entry: ImageEntry): string {
  let { name, tag, digest } = splitImage(image);
  if (entry.newName) name = entry.newName;
  if (entry.newTag || entry.digest) {
    tag = entry.newTag ?? '';
    digest = entry.digest ?? '';
  } else if (entry.tagSuffix) {
    tag += entry.tagSuffix;
    digest = '';
  }
  return `${name}${tag && `:${tag}`}${digest && `@${digest}`}`;
}

/** Visits the image of every element of any list called containers or initContainers, at any depth (KZE-676). */
function visitContainers(node: YamlNode, update: (image: YamlNode) => void): void {
  if (node.kind === 'list') {
    for (const item of node.items) visitContainers(item, update);
    return;
  }
  if (node.kind !== 'map') return;
  for (const [key, value] of node.entries) {
    if (value.kind === 'scalar') continue;
    visitContainers(value, update);
    if ((key !== 'containers' && key !== 'initContainers') || value.kind !== 'list') continue;
    for (const container of value.items) {
      expectKind(container, 'map');
      const image = entry(container, 'image');
      if (!isMissing(image)) update(image);
    }
  }
}
