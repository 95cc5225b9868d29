import { KustomizeError, messageOf } from '../errors.ts';
import { type FieldSpec, type NameReference } from '../fieldspec/types.ts';
import { visitPath } from '../fieldspec/walk.ts';
import { effectiveNamespace, idText, selectedByGvk, type Gvk } from '../resource/id.ts';
import { currentId, nameOf, namespaceOf, originalId, type Resource } from '../resource/resource.ts';
import { setField, setScalar } from '../yaml/edit.ts';
import { entry, isMissing, isNull, scalar, textAt, type YamlNode } from '../yaml/node.ts';
import { CandidateIndex, type Candidate } from './candidates.ts';
import { prefixesFit } from './affixes.ts';

interface Row {
  target: Gvk;
  spec: FieldSpec;
}

/** Makes every reference follow the object it means to that object's present name and namespace (KZE-770 to KZE-783). */
export function fixNameReferences(resources: readonly Resource[], table: readonly NameReference[]): void {
  const index = new CandidateIndex(resources);
  const rowsOf = groupRows(table);
  for (const resource of resources) {
    const original = originalId(resource);
    const rows = rowsOf(original.kind).filter((row) => selectedByGvk(original, row.spec));
    if (rows.length === 0) continue;
    const referrer = new Referrer(resource, index);
    for (const row of rows) referrer.fix(row);
  }
}

/** Rows by the kind of the referrer, in table order; rows for any kind are in every group. */
function groupRows(table: readonly NameReference[]): (kind: string) => Row[] {
  const all = table.flatMap(({ group, version, kind, fieldSpecs }) =>
    fieldSpecs.map((spec): Row => ({ target: { group, version, kind }, spec })),
  );
  const groups = new Map<string, Row[]>();
  return (kind) => {
    let rows = groups.get(kind);
    if (rows === undefined) {
      rows = all.filter(({ spec }) => spec.kind === '' || spec.kind === kind);
      groups.set(kind, rows);
    }
    return rows;
  };
}

class Referrer {
  readonly #resource: Resource;
  readonly #index: CandidateIndex;
  readonly #cluster: boolean;
  readonly #namespace: string;
  /** Namespaces of the service accounts that a role binding lists. */
  readonly #subjectNamespaces: ReadonlySet<string>;

  constructor(resource: Resource, index: CandidateIndex) {
    this.#resource = resource;
    this.#index = index;
    const id = currentId(resource);
    this.#cluster = id.cluster;
    this.#namespace = effectiveNamespace(id);
    this.#subjectNamespaces = id.cluster ? new Set() : subjectNamespaces(resource);
  }

  fix(row: Row): void {
    const set = (node: YamlNode) => {
      if (isNull(node)) return;
      if (node.kind === 'list') {
        for (const item of node.items) {
          if (item.kind === 'list') throw new KustomizeError('expected to be either a string or a map of string');
          if (!isNull(item)) this.#fixNode(item, row);
        }
      } else {
        this.#fixNode(node, row);
      }
    };
    try {
      visitPath(this.#resource, row.spec, set);
    } catch (error) {
      throw new KustomizeError(
        `updating name reference in '${row.spec.path}' field of '${idText(currentId(this.#resource))}': ${messageOf(error)}`,
        { ...this.#resource.place, cause: error },
      );
    }
  }

  #fixNode(node: YamlNode, row: Row): void {
    if (node.kind === 'map') return this.#fixMap(node, row);
    const chosen = this.#choose(node.value, row, this.#visible(this.#index.named(node.value)), sameName);
    if (chosen && nameOf(chosen) !== node.value) setScalar(node, scalar(nameOf(chosen)));
  }

  #fixMap(node: YamlNode, row: Row): void {
    const name = entry(node, 'name');
    if (name === undefined) throw new KustomizeError("path config error; no 'name' field in node");
    let candidates = this.#visible(this.#index.named(name.value));
    const namespace = entry(node, 'namespace');
    if (namespace !== undefined) candidates = this.#inNamespace(candidates, namespace.value);
    const chosen = this.#choose(name.value, row, candidates, sameNameAndNamespace);
    if (!chosen) return;
    const chosenNamespace = namespaceOf(chosen);
    if (nameOf(chosen) === name.value && chosenNamespace === '') return;
    setField(node, 'name', scalar(nameOf(chosen)));
    if (chosenNamespace !== '') setField(node, 'namespace', scalar(chosenNamespace));
  }

  /** Objects that this one may refer to at all (KZE-772). */
  #visible(candidates: readonly Candidate[]): readonly Candidate[] {
    return this.#cluster ? candidates : candidates.filter((candidate) => this.#sees(candidate));
  }

  #sees(candidate: Candidate): boolean {
    return (
      candidate.current.cluster ||
      candidate.namespace === this.#namespace ||
      this.#subjectNamespaces.has(candidate.current.namespace)
    );
  }

  /** By original namespace if any visible object had it, else by the current one (KZE-773). */
  #inNamespace(candidates: readonly Candidate[], namespace: string): readonly Candidate[] {
    const everyone = this.#index.originallyIn(namespace);
    const byOriginal = this.#cluster ? everyone.length > 0 : everyone.some((candidate) => this.#sees(candidate));
    return candidates.filter((candidate) =>
      byOriginal
        ? !candidate.originalCluster && candidate.originalNamespace === namespace
        : !candidate.current.cluster && candidate.namespace === namespace,
    );
  }

  /** The filters of KZE-774 to KZE-777. */
  #choose(
    name: string,
    row: Row,
    visible: readonly Candidate[],
    identical: (candidates: readonly Candidate[]) => boolean,
  ): Resource | undefined {
    if (visible.length === 0) return undefined;
    const role = row.spec.path.endsWith('roleRef/name') ? roleOf(this.#resource) : undefined;
    let left = visible.filter(
      (candidate) =>
        candidate.previous.some((id) => id.name === name) &&
        candidate.previous.some((id) => selectedByGvk(id, row.target)) &&
        (role === undefined || candidate.previous.some((id) => selectedByGvk(id, role))) &&
        this.#fitsNamespace(candidate),
    );
    if (left.length > 1) left = left.filter((candidate) => prefixesFit(candidate.resource, this.#resource, true));
    if (left.length > 1) left = left.filter((candidate) => prefixesFit(candidate.resource, this.#resource, false));
    if (left.length === 0) return undefined;
    if (left.length > 1 && !identical(left)) {
      const ids = left.map((candidate) => idText(candidate.current)).join(', ');
      throw new KustomizeError(`found multiple possible referrals: ${ids}`);
    }
    return left[0]!.resource;
  }

  #fitsNamespace(candidate: Candidate): boolean {
    return (
      this.#cluster ||
      candidate.current.cluster ||
      candidate.current.kind === 'ServiceAccount' ||
      candidate.namespace === this.#namespace
    );
  }
}

function sameName(candidates: readonly Candidate[]): boolean {
  return candidates.every((candidate) => candidate.current.name === candidates[0]!.current.name);
}

function sameNameAndNamespace(candidates: readonly Candidate[]): boolean {
  return (
    sameName(candidates) && candidates.every(({ current }) => current.namespace === candidates[0]!.current.namespace)
  );
}

/** The type that a binding's `roleRef` names; undefined when it does not say. */
function roleOf(resource: Resource): Gvk | undefined {
  const roleRef = entry(resource.root, 'roleRef');
  const group = entry(roleRef, 'apiGroup');
  const kind = entry(roleRef, 'kind');
  return group && kind ? { group: group.value, version: '', kind: kind.value } : undefined;
}

function subjectNamespaces(resource: Resource): Set<string> {
  const result = new Set<string>();
  if (textAt(resource.root, 'kind') !== 'RoleBinding') return result;
  for (const subject of entry(resource.root, 'subjects')?.items ?? []) {
    const namespace = entry(subject, 'namespace');
    if (namespace === undefined || textAt(subject, 'kind') !== 'ServiceAccount') continue;
    if (isMissing(namespace)) {
      const id = idText(currentId(resource));
      throw new KustomizeError(`Invalid Input: namespace is blank for resource "${id}"`, { ...resource.place });
    }
    result.add(namespace.value);
  }
  return result;
}
