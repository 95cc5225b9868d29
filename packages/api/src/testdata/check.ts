/** For tests: what the API server would say to an object of a kind with a given spec. */
import type { KindDefinition } from '../kind/kind.ts';
import { applyDefaults, validate } from '../kind/validation.ts';
import { apiVersionOf } from '../meta/object.ts';
import type { KubeObject, UnstructuredObject } from '../meta/object.ts';

type Loose = Record<string, unknown>;

function objectWith(kind: KindDefinition, fields: Loose): KubeObject {
  return { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata: { name: 'demo' }, ...fields } as KubeObject;
}

/** One line per issue, `path: message`, without the note that CEL rules were left out. */
export function problems(kind: KindDefinition, spec: Loose, status?: Loose): string[] {
  return validate(kind, objectWith(kind, status ? { spec, status } : { spec }))
    .filter((issue) => issue.path !== '<nil>')
    .map((issue) => `${issue.path}: ${issue.message}`);
}

/** The paths that issues are about. */
export function badPaths(kind: KindDefinition, spec: Loose, status?: Loose): string[] {
  return problems(kind, spec, status).map((line) => line.slice(0, line.indexOf(': ')));
}

/** The spec as it reads back. */
export function stored(kind: KindDefinition, spec: Loose): Loose {
  return (applyDefaults(kind, objectWith(kind, { spec })) as UnstructuredObject).spec as Loose;
}

/** The status of an object that no controller has seen, as it reads back. */
export function freshStatus(kind: KindDefinition, spec: Loose = {}): unknown {
  return (applyDefaults(kind, objectWith(kind, { spec })) as UnstructuredObject).status;
}
