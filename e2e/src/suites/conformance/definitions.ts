/** The custom resources of the suite: between them they use every feature of structural schemas. */
import type { Stage } from './script.ts';

export const group = 'conformance.example.com';

type Schema = Record<string, unknown>;

const object = (properties: Record<string, Schema>, more: Schema = {}): Schema => ({
  type: 'object',
  properties,
  ...more,
});
const text = { type: 'string' };
const number = { type: 'integer' };

export function definition(
  kind: string,
  versions: { name: string; schema: Schema; [field: string]: unknown }[],
  { scope = 'Namespaced', names = {} }: { scope?: string; names?: object } = {},
) {
  const plural = `${kind.toLowerCase()}s`;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope,
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List`, ...names },
      versions: versions.map(({ schema, ...version }, index) => ({
        served: true,
        storage: index === 0,
        schema: { openAPIV3Schema: schema },
        ...version,
      })),
    },
  };
}

const port = object({ name: text, port: number, protocol: { type: 'string', default: 'TCP' } }, { required: ['port'] });

/** Defaults, formats, lists of every type, status and scale, printer columns. */
const widget = definition(
  'Widget',
  [
    {
      name: 'v1',
      schema: object({
        spec: object(
          {
            size: { type: 'integer', minimum: 1, maximum: 10, default: 3 },
            color: { type: 'string', enum: ['red', 'green', 'blue'] },
            code: { type: 'string', pattern: '^[a-z]+$', minLength: 2, maxLength: 5 },
            ratio: { type: 'number', multipleOf: 0.5 },
            count: { type: 'integer', format: 'int32' },
            when: { type: 'string', format: 'date-time' },
            note: { type: 'string', nullable: true },
            dimmed: { type: 'string', nullable: true, default: 'no' },
            limit: { 'x-kubernetes-int-or-string': true },
            tags: { type: 'array', items: text, 'x-kubernetes-list-type': 'set' },
            ports: {
              type: 'array',
              items: port,
              maxItems: 3,
              'x-kubernetes-list-type': 'map',
              'x-kubernetes-list-map-keys': ['port', 'protocol'],
            },
            steps: { type: 'array', items: object({ run: text, as: { type: 'string', default: 'root' } }) },
            selector: object({ matchLabels: { type: 'object', additionalProperties: text } }),
            frame: object({ width: number, height: { type: 'integer', default: 7 } }, { default: {} }),
            one: object({ a: text, b: text }, { 'x-kubernetes-map-type': 'atomic' }),
            extra: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            template: {
              type: 'object',
              'x-kubernetes-embedded-resource': true,
              properties: { spec: object({ n: number }) },
            },
            replicas: number,
          },
          { required: ['color'] },
        ),
        status: object({
          phase: text,
          replicas: number,
          selector: text,
          conditions: {
            type: 'array',
            items: object({ type: text, status: text }, { required: ['type', 'status'] }),
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['type'],
          },
        }),
      }),
      subresources: {
        status: {},
        scale: {
          specReplicasPath: '.spec.replicas',
          statusReplicasPath: '.status.replicas',
          labelSelectorPath: '.status.selector',
        },
      },
      additionalPrinterColumns: [
        { name: 'Color', type: 'string', jsonPath: '.spec.color', description: 'What it looks like' },
        { name: 'Size', type: 'integer', jsonPath: '.spec.size', priority: 1 },
        { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
        { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
      ],
      selectableFields: [{ jsonPath: '.spec.color' }],
    },
  ],
  { names: { shortNames: ['wd'], categories: ['all', 'conformance'] } },
);

/** Keeps whatever it is given; without subresources. */
const loose = definition(
  'Loose',
  [{ name: 'v1', schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }],
  { scope: 'Cluster' },
);

/** Rules in CEL, of one state and of a transition. */
const ruled = definition('Ruled', [
  {
    name: 'v1',
    schema: object({
      spec: object(
        {
          low: number,
          high: number,
          mode: {
            type: 'string',
            'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'mode is immutable' }],
          },
          names: {
            type: 'array',
            maxItems: 10,
            items: { type: 'string', maxLength: 20 },
            'x-kubernetes-validations': [
              { rule: "self.all(n, n.startsWith('a'))", message: 'names start with a', reason: 'FieldValueForbidden' },
            ],
          },
        },
        {
          'x-kubernetes-validations': [
            {
              rule: '!has(self.low) || !has(self.high) || self.low <= self.high',
              messageExpression: "self.low > 100 ? 'low is far above high' : 'low is above high'",
            },
            {
              rule: '!has(oldSelf.high) || !has(self.high) || self.high >= oldSelf.high',
              message: 'high may not shrink',
              fieldPath: '.high',
            },
          ],
        },
      ),
    }),
  },
]);

/** Two served versions of one shape. */
const dual = definition('Dual', [
  { name: 'v1', schema: object({ spec: object({ a: text, b: text }) }), subresources: { status: {} } },
  {
    name: 'v1beta1',
    schema: object({ spec: object({ a: text, b: text }) }),
    subresources: { status: {} },
    deprecated: true,
    deprecationWarning: 'use v1 of Dual',
  },
]);

/** Creates them and waits until they are served. */
export async function createDefinitions(stage: Stage): Promise<void> {
  for (const one of [widget, loose, ruled, dual]) {
    await stage.call('POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions', one);
    for (const { name } of one.spec.versions)
      await stage.until(`/apis/${group}/${name}/${one.spec.names.plural}`, (code) => code === 200);
  }
}

export const widgets = `/apis/${group}/v1/namespaces/NS/widgets`;
export const ruleds = `/apis/${group}/v1/namespaces/NS/ruleds`;
export const looses = `/apis/${group}/v1/looses`;
export const duals = `/apis/${group}/v1/namespaces/NS/duals`;

export const aWidget = (name: string, spec: object = { color: 'red' }, metadata: object = {}) => ({
  apiVersion: `${group}/v1`,
  kind: 'Widget',
  metadata: { name, ...metadata },
  spec,
});
export const aRuled = (name: string, spec: object, metadata: object = {}) => ({
  apiVersion: `${group}/v1`,
  kind: 'Ruled',
  metadata: { name, ...metadata },
  spec,
});
