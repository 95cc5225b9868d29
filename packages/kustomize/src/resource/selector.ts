import { RE2JS } from 're2js';
import { KustomizeError, messageOf } from '../errors.ts';
import { type Selector } from '../kustomization/types.ts';
import { metadataMap } from '../yaml/edit.ts';
import { effectiveNamespace, type Gvk } from './id.ts';
import { parseLabelSelector } from './label-selector.ts';
import { currentId, originalId, type Resource } from './resource.ts';

const LITERAL = /^[A-Za-z0-9_\-/@ ]*$/;

/** A matcher for a user's RE2 expression. @throws {KustomizeError} `error parsing regexp: …` (KZE-348). */
export function compileRegex(pattern: string): (text: string) => boolean {
  try {
    const compiled = RE2JS.compile(pattern);
    return (text) => compiled.matcher(text).find();
  } catch (error) {
    throw new KustomizeError(`error parsing regexp: ${messageOf(error)}: \`${pattern}\``, { cause: error });
  }
}

/** The whole text has to match; an empty pattern matches everything (KZE-548). */
export function anchored(pattern: string | undefined): (text: string) => boolean {
  if (pattern === undefined || pattern === '') return () => true;
  if (LITERAL.test(pattern)) return (text) => text === pattern;
  return compileRegex(`^(?:${pattern})$`);
}

export interface IdMatcher {
  gvk(gvk: Gvk): boolean;
  name(name: string): boolean;
  namespace(namespace: string): boolean;
}

export function idMatcher(selector: Selector): IdMatcher {
  const [group, version, kind] = [anchored(selector.group), anchored(selector.version), anchored(selector.kind)];
  return {
    gvk: (gvk) => group(gvk.group) && version(gvk.version) && kind(gvk.kind),
    name: anchored(selector.name),
    namespace: anchored(selector.namespace),
  };
}

/** Whether the labels and annotations an object has now satisfy the selector. */
export function metadataMatcher(selector: Selector): (resource: Resource) => boolean {
  const labels = parseLabelSelector(selector.labelSelector ?? '');
  const annotations = parseLabelSelector(selector.annotationSelector ?? '');
  return (resource) =>
    (labels.length === 0 || labels.every((test) => test(metadataMap(resource.root, 'labels')))) &&
    (annotations.length === 0 || annotations.every((test) => test(metadataMap(resource.root, 'annotations'))));
}

/** The objects a patch target chooses, in list order (KZE-547, KZE-551). */
export function select(resources: readonly Resource[], selector: Selector): Resource[] {
  const id = idMatcher(selector);
  const metadata = metadataMatcher(selector);
  return resources.filter((resource) => {
    const current = currentId(resource);
    const original = resource.previous.length === 0 ? current : originalId(resource);
    return (
      (id.name(original.name) || id.name(current.name)) &&
      (id.namespace(effectiveNamespace(original)) || id.namespace(effectiveNamespace(current))) &&
      id.gvk(current) &&
      metadata(resource)
    );
  });
}
