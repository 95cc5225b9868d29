/** Field types that several kinds share (RTM-19 to RTM-39). */
import type { Condition, Json } from '../meta/object.ts';
import { array, described, integer, map, object, oneOf, required, string, text } from './field.ts';
import type { Field, ValueOf } from './field.ts';

/** Go durations in the units that API fields take (SRC-6). */
export const durationPattern = '^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$';
/** Go durations without hours, for timeouts. */
export const timeoutPattern = '^([0-9]+(\\.[0-9]+)?(ms|s|m))+$';

/** A Go duration such as `1m30s`; see `parseDuration`. */
export function duration(description: string, constraints: { default?: string } = {}): Field<string, 'optional'> {
  return string(description, { pattern: durationPattern, ...constraints });
}

/** A Go duration without hours. */
export function timeout(description: string, constraints: { default?: string } = {}): Field<string, 'optional'> {
  return string(description, { pattern: timeoutPattern, ...constraints });
}

/** `metav1.Time`: RFC 3339, UTC, whole seconds. */
export function time(description: string): Field<string, 'optional'> {
  return string(description, { format: 'date-time' });
}

/** A 64-bit whole number. */
export function int64(description: string, constraints: { minimum?: number } = {}): Field<number, 'optional'> {
  return integer(description, { format: 'int64', ...constraints });
}

/** RTM-19: an object in the same namespace. */
export function localObjectReference(description: string) {
  return object(description, { name: required(string('Name of the object, in the same namespace.')) });
}
export type LocalObjectReference = ValueOf<ReturnType<typeof localObjectReference>>;

/** RTM-20: an object, perhaps in another namespace. */
export function namespacedObjectReference(description: string) {
  return object(description, {
    name: required(string('Name of the object.')),
    namespace: string('Namespace of the object. Default: the namespace of the object that refers to it.'),
  });
}
export type NamespacedObjectReference = ValueOf<ReturnType<typeof namespacedObjectReference>>;

/** RTM-21: an object of any kind. */
export function namespacedObjectKindReference(description: string) {
  return object(description, {
    apiVersion: string('Group and version of the object.'),
    kind: required(string('Kind of the object.')),
    name: required(string('Name of the object.')),
    namespace: string('Namespace of the object.'),
  });
}
export type NamespacedObjectKindReference = ValueOf<ReturnType<typeof namespacedObjectKindReference>>;

/** RTM-22: a Secret and a key in it. */
export function secretKeyReference(description: string) {
  return object(description, {
    name: required(string('Name of the Secret, in the same namespace.')),
    key: string('Key in the Secret. Default: the key that the consumer looks for.'),
  });
}
export type SecretKeyReference = ValueOf<ReturnType<typeof secretKeyReference>>;

/** RTM-23: an object that has to be ready first. */
export const dependencyReference = object('An object of the same kind that has to be ready first.', {
  name: required(string('Name of the object.')),
  namespace: string('Namespace of the object. Default: the namespace of the object that depends on it.'),
  readyExpr: string(
    'CEL expression that says whether the dependency is ready, in place of the built-in check. It sees `self`, the object that depends, and `dep`, the dependency, and must yield a boolean.',
  ),
});
export type DependencyReference = ValueOf<typeof dependencyReference>;

/** RTM-24: how to reach another cluster. */
export function kubeConfigReference(description: string) {
  const message = 'exactly one of spec.kubeConfig.configMapRef or spec.kubeConfig.secretRef must be specified';
  return object(
    description,
    {
      configMapRef: localObjectReference(
        'ConfigMap that describes how to reach the cluster with a workload identity instead of stored credentials. Keys: `provider` (required), `cluster`, `address`, `ca.crt`, `audiences`, `serviceAccountName`.',
      ),
      secretRef: secretKeyReference(
        'Secret that holds a kubeconfig. Without a key, `value` is read, then `value.yaml`. The kubeconfig should carry its credentials itself rather than call a program.',
      ),
    },
    {
      'x-kubernetes-validations': [
        { rule: 'has(self.configMapRef) || has(self.secretRef)', message },
        { rule: '!has(self.configMapRef) || !has(self.secretRef)', message },
      ],
    },
  );
}
export type KubeConfigReference = ValueOf<ReturnType<typeof kubeConfigReference>>;

/** RTM-34: who may refer to an object from other namespaces. */
export const accessFrom = object(
  'Namespaces from which this object may be referred to. Without it only the own namespace is allowed.',
  {
    namespaceSelectors: required(
      array(
        'Selectors of namespaces; a namespace has access when any of them matches.',
        object('Selects namespaces by their labels. An empty selector selects all of them.', {
          matchLabels: map('Labels that a namespace must carry, with their values.', text),
        }),
      ),
    ),
  },
);
export type AccessFrom = ValueOf<typeof accessFrom>;

/** RTM-35: an image override of kustomize. */
export const image = object('Replaces parts of an image reference. A digest wins over a tag.', {
  name: required(string('Image to replace, without tag.')),
  newName: string('New name of the image.'),
  newTag: string('New tag.'),
  digest: string('New digest; wins over `newTag`.'),
});
export type Image = ValueOf<typeof image>;

/** RTM-36: selects objects of a build. */
export function selector(description: string) {
  return object(description, {
    group: string('API group.'),
    version: string('API version.'),
    kind: string('Kind, as an anchored regular expression.'),
    name: string('Name, as an anchored regular expression.'),
    namespace: string('Namespace, as an anchored regular expression.'),
    annotationSelector: string('Selector over annotations, written like a label selector.'),
    labelSelector: string('Label selector.'),
  });
}
export type Selector = ValueOf<ReturnType<typeof selector>>;

/** RTM-37: a strategic merge patch or a JSON patch, with its target. */
export const patch = object('A patch and the objects it applies to.', {
  patch: required(string('Strategic merge patch (a YAML map) or JSON patch (a YAML list of operations).')),
  target: selector('Objects to patch. A strategic merge patch without target names its object itself.'),
});
export type Patch = ValueOf<typeof patch>;

/** RTM-38: one step of a JSON patch (RFC 6902), as the text of a `Patch` holds them. */
export interface JSON6902Operation {
  op: 'test' | 'remove' | 'add' | 'replace' | 'move' | 'copy';
  path: string;
  from?: string;
  value?: Json;
}

/** RTM-39: how to tell the health of a kind from its objects. */
export const customHealthCheck = object('Says how to tell the health of objects of a kind.', {
  apiVersion: required(string('Group and version of the objects; only the group counts.')),
  kind: string('Kind of the objects. Default: every kind of the group.'),
  current: required(string('CEL expression that is true when the object has reached its desired state.')),
  inProgress: string('CEL expression that is true while the object is on its way.'),
  failed: string('CEL expression that is true when the object has failed.'),
});
export type CustomHealthCheck = ValueOf<typeof customHealthCheck>;

/** RTM-25 to RTM-31. */
export function artifact(description: string) {
  return object(description, {
    path: required(string('Path of the file below the root of the storage.')),
    url: required(string('HTTP address under which consumers in the cluster fetch the file.')),
    revision: required(
      string(
        'What the content is at its origin, for people: a branch with its commit, a tag with its digest, a chart version.',
      ),
    ),
    digest: required(
      string('Checksum of the file, as `<algorithm>:<hex>`.', {
        pattern: '^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$',
      }),
    ),
    lastUpdateTime: required(time('When the file was written.')),
    size: int64('Size of the file in bytes.'),
    metadata: map('Facts from the origin, such as the annotations of an OCI artifact.', text),
  });
}
export type Artifact = ValueOf<ReturnType<typeof artifact>>;

/** RTM-59: the objects a controller has applied. */
export const resourceInventory = object('Objects that were applied and are kept in step or removed later.', {
  entries: required(
    array(
      'One entry per object.',
      object('An applied object.', {
        id: required(string('Identity of the object: `<namespace>_<name>_<group>_<kind>`.')),
        v: required(string('API version, without the group.')),
      }),
    ),
  ),
});
export type ResourceInventory = ValueOf<typeof resourceInventory>;
export type ResourceRef = ResourceInventory['entries'][number];

const condition = object('One aspect of the state of the object.', {
  type: required(
    string('Name of the aspect.', {
      maxLength: 316,
      pattern:
        '^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$',
    }),
  ),
  status: required(oneOf('Whether the aspect holds.', ['True', 'False', 'Unknown'])),
  reason: required(
    string('Why, as one word for programs.', {
      minLength: 1,
      maxLength: 1024,
      pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$',
    }),
  ),
  message: required(string('Why, as a sentence for people.', { maxLength: 32768 })),
  observedGeneration: int64('Generation of the object that the statement is about.', { minimum: 0 }),
  lastTransitionTime: required(time('When the status last changed.')),
});

/** RTM-54: `status.conditions`, one per type. */
export const conditions: Field<Condition[], 'optional'> = array(
  'What is known about the state of the object.',
  condition,
  {
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['type'],
  },
);

/** RTM-55. */
export const lastHandledReconcileAt = string(
  'Value of the annotation `reconcile.fluxcd.io/requestedAt` that was last acted on.',
);

/** RTM-53 to RTM-55: status fields of every reconciled kind. */
export const reconcileStatus = {
  observedGeneration: int64('Last generation of the object whose outcome is final; -1 before the first.'),
  conditions,
  lastHandledReconcileAt,
};

/** RTM-16: the status of an object that no controller has seen. */
export const unobserved = { default: { observedGeneration: -1 } };

/** `spec.suspend`. */
export const suspend = described(
  'Stops the reconciliation of this object until it is removed or false. Work in progress is finished.',
  { schema: { type: 'boolean' }, presence: 'optional' } as Field<boolean, 'optional'>,
);

/** Labels and annotations to put on objects. */
export function metadataToSet(description: string) {
  return object(description, {
    annotations: map('Annotations to set; they win over existing ones.', text),
    labels: map('Labels to set; they win over existing ones.', text),
  });
}
export type CommonMetadata = ValueOf<ReturnType<typeof metadataToSet>>;

/** Which fields of which objects are left as they are in the cluster. */
export const ignoreRule = object('Fields of some objects that are left as they are in the cluster.', {
  paths: required(
    array('Fields to leave alone, as JSON pointers (RFC 6901); the empty pointer is the whole object.', text),
  ),
  target: selector('Objects the rule is about. Default: all.'),
});
export type IgnoreRule = ValueOf<typeof ignoreRule>;

/** `metav1.LabelSelector`. */
export function labelSelector(description: string) {
  const atomic = { 'x-kubernetes-list-type': 'atomic' } as const;
  return object(
    description,
    {
      matchLabels: map('Labels that an object must carry, with their values.', text),
      matchExpressions: array(
        'Conditions on labels, all of which must hold.',
        object('A condition on one label.', {
          key: required(string('Name of the label.')),
          operator: required(string('`In`, `NotIn`, `Exists` or `DoesNotExist`.')),
          values: array('Values, for `In` and `NotIn`.', text, atomic),
        }),
        atomic,
      ),
    },
    { 'x-kubernetes-map-type': 'atomic' },
  );
}
export type LabelSelector = ValueOf<ReturnType<typeof labelSelector>>;
