/** What is wrong with an object, in the API server's words. */
import {
  configMap,
  configMaps,
  deployment,
  deployments,
  podSpec,
  secret,
  secrets,
  service,
  services,
} from './builtins.ts';
import { aRuled, aWidget, ruleds, widgets } from './definitions.ts';
import { type Body, causesOnly, json, merge, reasonOnly, type Stage, type Topic } from './script.ts';

const widget =
  (spec: object, metadata: object = {}) =>
  ({ see }: Stage) =>
    see(`POST ${widgets}`, aWidget('one', spec, metadata));
const red = (spec: object) => widget({ color: 'red', ...spec });
const ruled =
  (spec: object, change?: object) =>
  async ({ see }: Stage) => {
    const show = (body: Body) => body.spec;
    await see(`POST ${ruleds}`, aRuled('one', spec), { show });
    if (change !== undefined) await see(`PATCH ${ruleds}/one`, { spec: change }, { ...merge, show });
  };
const pods =
  (spec: object) =>
  ({ see }: Stage) =>
    see(
      `POST ${deployments}`,
      deployment('one', { template: { metadata: { labels: { app: 'one' } }, spec: podSpec(spec) } }),
      { show: () => 'created' },
    );
const main = (more: object) => pods({ containers: [{ name: 'main', image: 'a', ...more }] });

export const validation: Topic = {
  'custom: a required field is missing': widget({}),
  'custom: the whole spec has the wrong type': ({ see }) => see(`POST ${widgets}`, { ...aWidget('one'), spec: 'x' }),
  'custom: null for a required field': widget({ color: null }),
  'custom: not one of an enum': widget({ color: 'pink' }),
  'custom: below the minimum': red({ size: 0 }),
  'custom: above the maximum': red({ size: 11 }),
  'custom: a fraction for an integer': red({ size: 1.5 }),
  'custom: no multiple': red({ ratio: 0.7 }),
  'custom: out of the range of int32': red({ count: 3_000_000_000 }),
  'custom: does not match a pattern': red({ code: 'ABC' }),
  'custom: too short': red({ code: 'a' }),
  'custom: too long': red({ code: 'abcdef' }),
  'custom: not a date': red({ when: 'yesterday' }),
  'custom: text for a number': red({ size: '3' }),
  'custom: number for a text': red({ code: 3 }),
  'custom: object for a list': red({ tags: {} }),
  'custom: list for an object': red({ selector: [] }),
  'custom: a wrong value in a map': red({ selector: { matchLabels: { a: 1 } } }),
  'custom: neither integer nor text': red({ limit: true }),
  'custom: integer or text': async ({ see }) => {
    const show = (body: Body) => body.spec.limit;
    await see(`POST ${widgets}`, aWidget('one', { color: 'red', limit: 5 }), { show });
    await see(`POST ${widgets}`, aWidget('two', { color: 'red', limit: '5%' }), { show });
  },
  'custom: too many items': red({ ports: [1, 2, 3, 4].map((port) => ({ port })) }),
  'custom: a set with the same value twice': red({ tags: ['a', 'b', 'a'] }),
  'custom: a list map with the same key twice': red({ ports: [{ port: 1 }, { port: 1, name: 'b' }] }),
  'custom: a required key of a list item is missing': red({ ports: [{ name: 'a' }] }),
  'custom: several mistakes at once': ({ see }) =>
    see(`POST ${widgets}`, aWidget('one', { color: 'pink', size: 0, code: 'A' }), {
      // In no order: the schema is a Go map.
      showFailure: ({ details, code }) => [code, details.causes.map(({ message }: Body) => message).sort()],
    }),
  'custom: an embedded resource needs its type': red({ template: { spec: { n: 1 } } }),
  'custom: an embedded resource': red({
    template: { apiVersion: 'v1', kind: 'Thing', metadata: { name: 'x', unknown: 1 }, spec: { n: 1, m: 2 } },
  }),
  'custom: null for a field that is not nullable': red({ code: null, note: null }),
  'custom: status is checked when it is written': async ({ call, see }) => {
    await call(`POST ${widgets}`, aWidget('one'));
    await see(`PATCH ${widgets}/one/status`, { status: { conditions: [{ type: 'Ready' }] } }, merge);
    await see(`PATCH ${widgets}/one/status`, { status: { phase: 3 } }, merge);
  },
  'custom: an old mistake does not stand in the way of a change elsewhere': async ({ call, see }) => {
    await call(`POST ${widgets}`, aWidget('one', { color: 'red', code: 'ab' }));
    await see(
      `PATCH ${widgets}/one`,
      [
        { op: 'add', path: '/metadata/labels', value: { a: 'b' } },
        { op: 'replace', path: '/spec/code', value: 'abcdefgh' },
      ],
      json,
    );
  },
  'CEL: a rule holds': ruled({ low: 1, high: 2 }),
  'CEL: a rule fails with the message of an expression': ruled({ low: 5, high: 2 }),
  'CEL: a rule with message and reason': ruled({ names: ['ab', 'b'] }),
  'CEL: a transition rule without an old value': ruled({ mode: 'a' }, { low: 1 }),
  'CEL: a transition rule fails': ruled({ mode: 'a' }, { mode: 'b' }),
  'CEL: removing what has a transition rule': ruled({ mode: 'a' }, { mode: null }),
  'CEL: a transition rule with a field path': ruled({ high: 5 }, { high: 4 }),
  'CEL: several rules fail': ruled({ low: 1, high: 5, mode: 'a' }, { low: 9, high: 4, mode: 'b' }),
  'CEL: rules are not evaluated on what the schema refuses': ruled({ low: 'x', high: 2 }),

  'ConfigMap: a key with a space': ({ see }) => see(`POST ${configMaps}`, configMap('one', { 'a b': '1' })),
  'ConfigMap: a key in data and binaryData': ({ see }) =>
    see(`POST ${configMaps}`, { ...configMap('one'), binaryData: { a: 'YQ==' } }),
  'ConfigMap: a number as a value': ({ see }) => see(`POST ${configMaps}`, configMap('one', { a: 1 })),
  'Secret: not base64': ({ see }) => see(`POST ${secrets}`, { ...secret('one'), data: { a: '%' } }, reasonOnly),
  'Secret: a type that asks for keys': ({ see }) =>
    see(`POST ${secrets}`, { ...secret('one'), type: 'kubernetes.io/tls' }),
  'Secret: docker config must be JSON': ({ see }) =>
    see(
      `POST ${secrets}`,
      { ...secret('one'), type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': 'x' } },
      reasonOnly,
    ),
  'Service: without ports': ({ see }) => see(`POST ${services}`, service('one', {})),
  'Service: a port out of range': ({ see }) =>
    see(`POST ${services}`, service('one', { ports: [{ port: 0 }, { name: 'b', port: 99999 }] })),
  'Service: several ports need names': ({ see }) =>
    see(`POST ${services}`, service('one', { ports: [{ port: 1 }, { port: 2 }] })),
  'Service: the same port twice': ({ see }) =>
    see(
      `POST ${services}`,
      service('one', {
        ports: [
          { name: 'a', port: 1 },
          { name: 'b', port: 1 },
        ],
      }),
      causesOnly,
    ),
  'Service: an unknown type': ({ see }) =>
    see(`POST ${services}`, service('one', { type: 'Magic', ports: [{ port: 1 }] })),
  'Deployment: selector and labels differ': ({ see }) =>
    see(`POST ${deployments}`, deployment('one', { selector: { matchLabels: { app: 'two' } } })),
  'Deployment: without selector and template': ({ see }) =>
    see(`POST ${deployments}`, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'one' }, spec: {} }),
  'Deployment: negative replicas': ({ see }) => see(`POST ${deployments}`, deployment('one', { replicas: -1 })),
  'Deployment: text for replicas': ({ see }) =>
    see(`POST ${deployments}`, deployment('one', { replicas: 'two' }), reasonOnly),
  'Pod: no containers': pods({ containers: [] }),
  'Pod: containers of the same name': pods({
    containers: [
      { name: 'a', image: 'a' },
      { name: 'a', image: 'a' },
    ],
  }),
  'Pod: a container without name and image': pods({ containers: [{}] }),
  'Pod: a mount of no volume': main({ volumeMounts: [{ name: 'v', mountPath: '/v' }] }),
  'Pod: an unknown pull policy': main({ imagePullPolicy: 'Sometimes' }),
  'Pod: a container port out of range': main({ ports: [{ containerPort: 70000 }] }),
  'Pod: a quantity that is none': main({ resources: { requests: { cpu: 'lots' } } }),
  'Pod: more requested than the limit': main({ resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }),
  'Pod: an unknown restart policy': pods({ restartPolicy: 'Maybe' }),
};
