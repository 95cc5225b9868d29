import { type ScopeLookup } from '../../resource/scope.ts';

/**
 * What a strategic merge needs to know of a type: how its lists merge, and the types below it (KZE-715).
 * Anything else about the type is irrelevant here.
 */
export interface MergeSchema {
  field(name: string): MergeSchema | undefined;
  elements(): MergeSchema | undefined;
  /** Keys of a list that merges; empty for lists of scalars; undefined for lists that are replaced. */
  readonly mergeKeys: readonly string[] | undefined;
}

/** Finds the schema of an object's type. */
export type SchemaLookup = (apiVersion: string, kind: string) => MergeSchema | undefined;

/** What a build knows of types: the built-in schema and a custom one. */
export interface TypeKnowledge {
  schema: SchemaLookup;
  scope: ScopeLookup;
}
