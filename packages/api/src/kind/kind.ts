/** What is known about a kind: everything that goes into its CRD, and at compile time the type of its objects. */
import { apiVersionOf } from '../meta/object.ts';
import type { Json, KubeObject, ResourceType } from '../meta/object.ts';
import type { Field, FieldSchema } from '../fields/field.ts';

/** A column of `kubectl get`. */
export interface PrinterColumn {
  name: string;
  type: 'string' | 'date' | 'integer' | 'boolean' | 'number';
  jsonPath: string;
  /** 1 for columns that only `kubectl get -o wide` shows. */
  priority?: 1;
}

declare const objectType: unique symbol;

/** A kind. It is also the `ResourceType` that a client takes. */
export interface KindDefinition<T extends KubeObject = KubeObject> extends ResourceType {
  readonly singular: string;
  readonly listKind: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  /** The controller that owns the kind, by the name of its Deployment (RTM-577 to RTM-583). */
  readonly component: string;
  readonly printerColumns: readonly PrinterColumn[];
  /** Whether status is written through `/status`. */
  readonly statusSubresource: boolean;
  /** Structural schema of the whole object. */
  readonly schema: FieldSchema;
  readonly [objectType]?: T;
}

/** The type of the objects of a kind. */
export type ObjectOf<K> = K extends KindDefinition<infer T> ? T : never;

/** What `defineKind` takes; the names that follow from `kind` may be left out. */
export interface KindSource<Spec, Status> {
  group: string;
  version: string;
  kind: string;
  /** Default: `kind` in lower case with an `s`. */
  plural?: string;
  shortNames?: string[];
  /** Default category beside `all` and `fluxcd`. */
  category: 'fluxcd-sources' | 'fluxcd-appliers' | 'fluxcd-notifications' | 'fluxcd-images';
  component: string;
  printerColumns: PrinterColumn[];
  description: string;
  spec: Field<Spec>;
  /** Absent for kinds that keep no status. */
  status?: Field<Status>;
}

/** Completes the description of a kind. */
export function defineKind<T extends KubeObject & { spec?: unknown; status?: unknown }>(
  source: KindSource<NonNullable<T['spec']>, NonNullable<T['status']>>,
): KindDefinition<T> {
  const singular = source.kind.toLowerCase();
  return {
    group: source.group,
    version: source.version,
    kind: source.kind,
    plural: source.plural ?? `${singular}s`,
    singular,
    listKind: `${source.kind}List`,
    namespaced: true,
    shortNames: source.shortNames ?? [],
    categories: ['all', 'fluxcd', source.category],
    component: source.component,
    printerColumns: source.printerColumns,
    statusSubresource: source.status !== undefined,
    schema: {
      type: 'object',
      description: source.description,
      properties: {
        apiVersion: { type: 'string', description: 'Group and version of the kind.' },
        kind: { type: 'string', description: 'Name of the kind.' },
        metadata: { type: 'object' },
        spec: source.spec.schema,
        ...(source.status ? { status: source.status.schema } : {}),
      },
      ...(source.spec.presence === 'required' ? { required: ['spec'] } : {}),
    },
  };
}

/** `.metadata.creationTimestamp`. */
export const ageColumn: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };
/** Status of the condition Ready. */
export const readyColumn: PrinterColumn = {
  name: 'Ready',
  type: 'string',
  jsonPath: '.status.conditions[?(@.type=="Ready")].status',
};
/** Message of the condition Ready. */
export const statusColumn: PrinterColumn = {
  name: 'Status',
  type: 'string',
  jsonPath: '.status.conditions[?(@.type=="Ready")].message',
};

/** A column that shows a text field. */
export function column(name: string, jsonPath: string): PrinterColumn {
  return { name, type: 'string', jsonPath };
}

/** A CustomResourceDefinition (`apiextensions.k8s.io/v1`), as far as ours go. */
export interface CustomResourceDefinition extends KubeObject {
  spec: {
    group: string;
    scope: 'Namespaced' | 'Cluster';
    names: {
      kind: string;
      listKind: string;
      plural: string;
      singular: string;
      shortNames?: string[];
      categories?: string[];
    };
    versions: {
      name: string;
      served: boolean;
      storage: boolean;
      schema: { openAPIV3Schema: FieldSchema };
      subresources?: { status?: Record<string, Json> };
      additionalPrinterColumns?: PrinterColumn[];
    }[];
  };
}

/**
 * The CustomResourceDefinition of a kind. It carries the labels that do not depend on an installation (RTM-585,
 * RTM-591) and the annotation that keeps variable substitution away from it (SRC-3).
 */
export function crdOf(kind: KindDefinition): CustomResourceDefinition {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${kind.plural}.${kind.group}`,
      annotations: { 'kustomize.toolkit.fluxcd.io/substitute': 'disabled' },
      labels: { 'app.kubernetes.io/component': kind.component, 'app.kubernetes.io/part-of': 'flux' },
    },
    spec: {
      group: kind.group,
      scope: kind.namespaced ? 'Namespaced' : 'Cluster',
      names: {
        kind: kind.kind,
        listKind: kind.listKind,
        plural: kind.plural,
        singular: kind.singular,
        ...(kind.shortNames.length > 0 ? { shortNames: [...kind.shortNames] } : {}),
        categories: [...kind.categories],
      },
      versions: [
        {
          name: kind.version,
          served: true,
          storage: true,
          additionalPrinterColumns: [...kind.printerColumns],
          schema: { openAPIV3Schema: structuredClone(kind.schema) },
          ...(kind.statusSubresource ? { subresources: { status: {} } } : {}),
        },
      ],
    },
  };
}

/** A new object of a kind, with `apiVersion` and `kind` filled in. */
export function newObject<T extends KubeObject>(kind: KindDefinition<T>, object: Omit<T, 'apiVersion' | 'kind'>): T {
  return { apiVersion: apiVersionOf(kind), kind: kind.kind, ...object } as T;
}
