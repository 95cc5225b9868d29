/** What the server knows of a kind in one version: everything that verbs need, without knowing the kind. */
import type { JsonSchema, schema } from '@gitops-toolkit/api';
import type { KubeJson } from '../object/json.ts';

/** A column of `kubectl get`, as in `metav1.TableColumnDefinition`. */
export interface Column {
  name: string;
  type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  format?: string;
  description?: string;
  /** 0: always shown; 1: with `-o wide`. */
  priority: number;
  cell: (object: KubeJson) => unknown;
}

/** JSON paths of the scale subresource, without leading dot. */
export interface ScalePaths {
  specReplicas: string[];
  statusReplicas: string[];
  /** Path of a serialised selector, or of a `metav1.LabelSelector`. */
  selector?: string[];
}

export type Verb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch';

export const allVerbs: readonly Verb[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];

export interface Resource {
  group: string;
  version: string;
  /** `group/version`, or `v1`. */
  apiVersion: string;
  kind: string;
  listKind: string;
  plural: string;
  singular: string;
  namespaced: boolean;
  shortNames: readonly string[];
  categories: readonly string[];
  verbs: readonly Verb[];
  /** Name of the shared collection, `group/plural`: all versions of a kind are one set of objects. */
  collection: string;
  /** The shape, for field sets, patches and OpenAPI; objects of an unknown shape merge by what they look like. */
  shape: JsonSchema | undefined;
  /** Defined by a CustomResourceDefinition. */
  custom: boolean;
  status: boolean;
  scale?: ScalePaths;
  /** `metadata.generation` counts changes of the desired state. */
  generation: boolean;
  /** An update without resourceVersion is accepted. */
  unconditionalUpdate: boolean;
  columns: readonly Column[];
  /** Extra fields for field selectors. */
  selectable?: readonly string[];
  /** Checks of `metadata.name`: complaints, empty when fine. */
  checkName: (name: string, generated: boolean) => string[];
  /**
   * Turns what a client sent into an object of the kind, in place: unknown fields are dropped and named in the answer.
   * Throws 400 when it cannot be read as the kind.
   */
  decode: (object: KubeJson) => string[];
  /** Fills in defaults, in place. `old` is the stored object on update. */
  setDefaults: (object: KubeJson, old: KubeJson | undefined) => void;
  /** Everything wrong with an object (after defaulting), compared with the stored one on update. */
  validate: (object: KubeJson, old: KubeJson | undefined) => schema.Issue[];
  /** Warnings about an object that is fine all the same. */
  warnings?: (object: KubeJson) => string[];
}
