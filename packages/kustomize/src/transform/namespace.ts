import { type FieldSpec } from '../fieldspec/types.ts';
import { visitField, visitPath } from '../fieldspec/walk.ts';
import { KustomizeError, prefixed } from '../errors.ts';
import { idText } from '../resource/id.ts';
import { type ResourceList } from '../resource/list.ts';
import { currentId, kindOf, rememberId, type Resource } from '../resource/resource.ts';
import { WrongKindError, expectKind, setScalar } from '../yaml/edit.ts';
import { TAG, isMissing, scalar, text, textAt, type YamlNode } from '../yaml/node.ts';
import { type Step } from './step.ts';

/** Which subjects of role bindings follow the namespace (KZE-652, KZE-655). */
export type SubjectMode = 'defaultOnly' | 'allServiceAccounts' | 'none';

export interface NamespaceOptions {
  namespace: string;
  fieldSpecs: readonly FieldSpec[];
  /** Only fill fields that are missing or empty. */
  unsetOnly?: boolean;
  subjects?: SubjectMode;
}

const METADATA_NAMESPACE: FieldSpec = { group: '', version: '', kind: '', path: 'metadata/namespace', create: true };
const LEAF = { kind: 'scalar', tag: TAG.string } as const;

/** Puts namespaced objects and what refers to the namespace into one namespace (KZE-650 to KZE-656). */
export function namespaceStep(options: NamespaceOptions): Step {
  return {
    kind: 'NamespaceTransformer',
    run(list) {
      if (options.namespace === '') return;
      for (const resource of list.items) {
        rememberId(resource);
        setNamespace(resource, options);
      }
      list.invalidate();
      checkUnique(list);
    },
  };
}

function checkUnique(list: ResourceList): void {
  for (const resource of list.items) {
    const same = list.matchingCurrent(currentId(resource));
    if (same.length > 1) {
      const ids = same.map((other) => idText(currentId(other))).join(', ');
      throw new KustomizeError(`namespace transformation produces ID conflict: ${ids}`);
    }
  }
}

function setNamespace(resource: Resource, options: NamespaceOptions): void {
  const write = (node: YamlNode) => {
    if (options.unsetOnly && !isMissing(node) && node.value !== '') return;
    setScalar(node, text(options.namespace));
  };
  if (!currentId(resource).cluster) visitPath(resource, METADATA_NAMESPACE, write, LEAF);
  const binding = /^(Cluster)?RoleBinding$/.test(kindOf(resource));
  if (binding) setSubjects(resource, options.subjects ?? 'defaultOnly', write);
  const core = textAt(resource.root, 'apiVersion') === 'v1';
  for (const spec of options.fieldSpecs) {
    if (spec.path === 'metadata/namespace' || (spec.path === 'metadata/name' && !core)) continue;
    if (binding && spec.path === 'subjects/namespace' && /^(Cluster)?RoleBinding$/.test(spec.kind)) continue;
    try {
      visitField(resource, spec, write, LEAF);
    } catch (error) {
      const cause = (error as Error).cause;
      const collection = cause instanceof WrongKindError && cause.actual !== 'scalar';
      throw prefixed(
        collection ? 'namespace field specs must target scalar nodes' : 'namespace transformation failed',
        error,
      );
    }
  }
}

function setSubjects(resource: Resource, mode: SubjectMode, write: (node: YamlNode) => void): void {
  const subjects = resource.root.entries.get('subjects');
  if (mode === 'none' || isMissing(subjects)) return;
  expectKind(subjects, 'list');
  for (const subject of subjects.items) {
    if (subject.kind !== 'map') continue;
    const wanted =
      mode === 'defaultOnly' ? textAt(subject, 'name') === 'default' : textAt(subject, 'kind') === 'ServiceAccount';
    if (!wanted) continue;
    let node = subject.entries.get('namespace');
    if (node === undefined) {
      node = scalar('');
      subject.entries.set('namespace', node);
    }
    write(node);
  }
}
