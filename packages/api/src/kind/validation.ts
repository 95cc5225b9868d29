/** Checks and defaults of whole objects, as the API server does them with the CRD of the kind. */
import { apiVersionOf } from '../meta/object.ts';
import type { KubeObject } from '../meta/object.ts';
import { applyDefaults as applySchemaDefaults, invalid, prune, validate as validateSchema } from '../schema/index.ts';
import type { Issue } from '../schema/index.ts';
import type { KindDefinition } from './kind.ts';

/** A copy of an object as it would go over the wire, which drops fields that are undefined. */
function asSent<T>(object: T): T {
  return JSON.parse(JSON.stringify(object)) as T;
}

/** A copy of an object with the defaults of its kind filled in. Fields that are present stay as they are. */
export function applyDefaults<T extends KubeObject>(kind: KindDefinition<T>, object: T): T {
  return applySchemaDefaults(kind.schema, asSent(object));
}

/**
 * What is wrong with an object, in the words of the API server; empty when it is valid. As there, unknown fields are
 * ignored (see `unknownFields`) and defaults count. The name and other metadata are not looked at.
 *
 * @param old the stored object, for an update: what did not change since is not held against it.
 */
export function validate(kind: KindDefinition, object: object, old?: object): Issue[] {
  const issues: Issue[] = [];
  const named = object as Partial<KubeObject>;
  const apiVersion = apiVersionOf(kind);
  if (named.apiVersion !== apiVersion) issues.push(invalid('apiVersion', named.apiVersion, `must be ${apiVersion}`));
  if (named.kind !== kind.kind) issues.push(invalid('kind', named.kind, `must be ${kind.kind}`));
  if (issues.length > 0) return issues;
  const completed = asSent(object);
  prune(kind.schema, completed);
  applySchemaDefaults(kind.schema, completed);
  return validateSchema(kind.schema, completed, old ? { old } : {});
}

/** Paths of the fields of an object that its kind does not know, such as `spec.intervall`: usually misspelt. */
export function unknownFields(kind: KindDefinition, object: object): string[] {
  return prune(kind.schema, asSent(object));
}
