/** Server-side apply and the bookkeeping of who owns which field. */
import {
  configMap,
  configMaps,
  deployment,
  deployments,
  managed,
  managedSpec,
  podSpec,
  service,
  services,
} from './builtins.ts';
import { aWidget, widgets } from './definitions.ts';
import { type Body, apply, json, merge, reasonOnly, tick, type Stage, type Topic } from './script.ts';

const as = (manager: string, more = '') => `?fieldManager=${manager}${more}`;
const both = (body: Body) => ({
  fields: body.metadata.managedFields,
  data: body.data ?? body.spec,
  revision: { metadata: { resourceVersion: body.metadata.resourceVersion } },
});

/** Applies a ConfigMap (or Widget) called `one`; the answer counts. */
const applied = ({ see }: Stage, manager: string, data: object, more = '', metadata: object = {}) =>
  see(`PATCH ${configMaps}/one${as(manager, more)}`, configMap('one', data, metadata), { ...apply, show: both });
const widget = ({ see }: Stage, manager: string, spec: object, more = '') =>
  see(`PATCH ${widgets}/one${as(manager, more)}`, aWidget('one', spec), { ...apply, show: both });

const container = (name: string, more: object = {}) => ({ name, image: `example/${name}:1`, ...more });
const pods = (...containers: object[]) => ({
  template: { metadata: { labels: { app: 'one' } }, spec: { containers } },
});

export const applying: Topic = {
  'an object that is not there is created': ({ see }) =>
    see(`PATCH ${configMaps}/one${as('ann')}`, configMap('one'), apply),
  'the same again changes nothing': async (stage) => {
    await applied(stage, 'ann', { a: '1' });
    await tick();
    await applied(stage, 'ann', { a: '1' });
  },
  'YAML is taken too': ({ see }) =>
    see(
      `PATCH ${configMaps}/one${as('ann')}`,
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata:\n  # why\n  a: "1"\n',
      { ...apply, show: both },
    ),
  'a field that is no longer applied goes': async (stage) => {
    await applied(stage, 'ann', { a: '1', b: '2' });
    await applied(stage, 'ann', { a: '1' });
    await applied(stage, 'ann', {});
  },
  'labels, annotations and finalizers are owned one by one': async (stage) => {
    await applied(stage, 'ann', {}, '', { labels: { l: '1' }, annotations: { n: '1' }, finalizers: ['example.com/a'] });
    await applied(stage, 'bob', {}, '', { labels: { m: '1' }, finalizers: ['example.com/b'] });
    await stage.see(`PATCH ${configMaps}/one${as('ann')}`, configMap('one', {}), {
      ...apply,
      show: ({ metadata }) => [metadata.labels, metadata.annotations ?? null, metadata.finalizers],
    });
    await stage.call(`PATCH ${configMaps}/one`, { metadata: { finalizers: null } }, merge);
  },
  'two managers of different fields': async (stage) => {
    await applied(stage, 'ann', { a: '1' });
    await applied(stage, 'bob', { b: '2' });
    await applied(stage, 'ann', { a: '3' });
  },
  'the same value is owned together, and stays while one of them has it': async (stage) => {
    await applied(stage, 'ann', { a: '1' });
    await applied(stage, 'bob', { a: '1' });
    await applied(stage, 'ann', {});
    await applied(stage, 'bob', {});
  },
  'another value of a field of another manager conflicts': async (stage) => {
    await applied(stage, 'ann', { a: '1' });
    await applied(stage, 'bob', { a: '2' });
  },
  'two conflicts with one manager': async (stage) => {
    await applied(stage, 'ann', { a: '1', b: '1' });
    await applied(stage, 'bob', { b: '2', a: '2' });
  },
  'conflicts with two managers': async (stage) => {
    await applied(stage, 'ann', { a: '1' });
    await applied(stage, 'bob', { b: '1' });
    await applied(stage, 'cid', { b: '2', a: '2' });
  },
  'a conflict with an updater names its version': async (stage) => {
    await stage.call(`POST ${configMaps}?fieldManager=upd`, configMap('one'));
    await stage.see(`PATCH ${configMaps}/one${as('ann')}`, configMap('one', { a: '2' }), { ...apply, show: both });
  },
  'a conflict with a manager of status': async (stage) => {
    await stage.call(`POST ${widgets}?fieldManager=ann`, aWidget('one'));
    await stage.call(
      `PATCH ${widgets}/one/status${as('ctl')}`,
      { ...aWidget('one'), spec: undefined, status: { phase: 'a' } },
      apply,
    );
    await stage.see(
      `PATCH ${widgets}/one/status${as('other')}`,
      { ...aWidget('one'), spec: undefined, status: { phase: 'b' } },
      apply,
    );
  },
  'force takes fields over': async (stage) => {
    await applied(stage, 'ann', { a: '1', b: '1' });
    await applied(stage, 'bob', { a: '2' }, '&force=true');
    await applied(stage, 'ann', { b: '1' });
    await applied(stage, 'bob', {});
  },
  'force of everything leaves the other with nothing': async (stage) => {
    await applied(stage, 'ann', { a: '1' });
    await applied(stage, 'bob', { a: '2' }, '&force=true');
  },
  'an update takes over what it changes': async (stage) => {
    await applied(stage, 'ann', { a: '1', b: '1' });
    await stage.see(`PATCH ${configMaps}/one?fieldManager=upd`, { data: { a: '2' } }, { ...merge, show: both });
    await applied(stage, 'ann', { a: '1', b: '1' });
    await applied(stage, 'ann', { b: '1' });
  },
  'an updater that removes a field': async (stage) => {
    await applied(stage, 'ann', { a: '1', b: '1' });
    await stage.see(`PATCH ${configMaps}/one?fieldManager=upd`, { data: { a: null } }, { ...merge, show: both });
    await applied(stage, 'ann', { a: '1', b: '1' });
  },
  'an update that changes nothing owns nothing': async (stage) => {
    await applied(stage, 'ann', { a: '1' });
    await tick();
    await stage.see(`PATCH ${configMaps}/one?fieldManager=upd`, { data: { a: '1' } }, { ...merge, show: both });
  },
  'the manager of an update without fieldManager is the first word of the user agent': ({ see }) =>
    see(`POST ${configMaps}`, configMap('one'), {
      headers: { 'user-agent': 'my-tool/v1.2 (linux) extra' },
      show: managed,
    }),
  'one manager may both update and apply': async (stage) => {
    await stage.call(`POST ${configMaps}?fieldManager=ann`, configMap('one', { a: '1', b: '1' }));
    await applied(stage, 'ann', { a: '1' });
    await applied(stage, 'ann', { a: '2' });
  },
  'a second update by the same manager adds to its entry': async (stage) => {
    await stage.call(`POST ${configMaps}?fieldManager=upd`, configMap('one'));
    await stage.see(`PATCH ${configMaps}/one?fieldManager=upd`, { data: { z: '1' } }, { ...merge, show: managed });
    await stage.see(`PATCH ${configMaps}/one?fieldManager=other`, { data: { y: '1' } }, { ...merge, show: managed });
  },
  'managedFields can be cleared': async (stage) => {
    await applied(stage, 'ann', { a: '1' });
    await stage.see(
      `PATCH ${configMaps}/one?fieldManager=upd`,
      { metadata: { managedFields: [{}] } },
      { ...merge, show: both },
    );
    await applied(stage, 'ann', { a: '2' });
  },
  'an update with empty managedFields keeps them': async (stage) => {
    await applied(stage, 'ann', { a: '1' });
    await stage.see(
      `PATCH ${configMaps}/one?fieldManager=upd`,
      { metadata: { managedFields: [] } },
      { ...merge, show: both },
    );
  },
  'managedFields can be rewritten': async (stage) => {
    await stage.call(`POST ${configMaps}?fieldManager=upd`, configMap('one', { a: '1', b: '1' }));
    const change = [
      { op: 'replace', path: '/metadata/managedFields/0/operation', value: 'Apply' },
      { op: 'replace', path: '/metadata/managedFields/0/manager', value: 'ann' },
    ];
    await stage.see(`PATCH ${configMaps}/one?fieldManager=migrate`, change, { ...json, show: both });
    await applied(stage, 'ann', { a: '1' });
  },
  'managedFields in an applied object are refused': ({ see }) =>
    see(`PATCH ${configMaps}/one${as('ann')}`, configMap('one', {}, { managedFields: [{ manager: 'x' }] }), apply),
  'apply needs a manager': ({ see }) => see(`PATCH ${configMaps}/one`, configMap('one'), apply),
  'a manager of more than 128 characters': ({ see }) =>
    see(`PATCH ${configMaps}/one${as('m'.repeat(129))}`, configMap('one'), apply),
  'a manager with unprintable characters': ({ see }) =>
    see(`PATCH ${configMaps}/one${as('a%00b')}`, configMap('one'), apply),
  'force is for apply only': async ({ call, see }) => {
    await call(`POST ${configMaps}`, configMap('one'));
    await see(`PATCH ${configMaps}/one?force=true`, { data: {} }, merge);
  },
  'apply without apiVersion': ({ see }) =>
    see(`PATCH ${configMaps}/one${as('ann')}`, { kind: 'ConfigMap', metadata: { name: 'one' } }, apply),
  'apply without kind': ({ see }) =>
    see(`PATCH ${configMaps}/one${as('ann')}`, { apiVersion: 'v1', metadata: { name: 'one' } }, apply),
  'apply of another kind': ({ see }) =>
    see(`PATCH ${configMaps}/one${as('ann')}`, { ...configMap('one'), kind: 'Secret' }, apply),
  'apply of another name': ({ see }) => see(`PATCH ${configMaps}/one${as('ann')}`, configMap('two'), apply),
  'apply without a name in the object': ({ see }) =>
    see(`PATCH ${configMaps}/one${as('ann')}`, { apiVersion: 'v1', kind: 'ConfigMap', data: { a: '1' } }, apply),
  'apply of another namespace': ({ see }) =>
    see(`PATCH ${configMaps}/one${as('ann')}`, configMap('one', {}, { namespace: 'default' }), apply),
  'apply of what is no object': ({ see }) =>
    see(`PATCH ${configMaps}/one${as('ann')}`, '[]', { ...apply, ...reasonOnly }),
  'apply of broken YAML': ({ see }) => see(`PATCH ${configMaps}/one${as('ann')}`, 'a: [', { ...apply, ...reasonOnly }),
  'apply of a field of the wrong type': ({ see }) =>
    see(`PATCH ${configMaps}/one${as('ann')}`, { ...configMap('one'), data: 'x' }, apply),
  'apply of an unknown field': ({ see }) =>
    see(`PATCH ${configMaps}/one${as('ann')}`, { ...configMap('one'), dta: {} }, apply),
  'apply of an unknown field of a Deployment': ({ see }) =>
    see(`PATCH ${deployments}/one${as('ann')}`, deployment('one', { replcas: 1 }), apply),
  'apply of an unknown field of a custom resource': (stage) => widget(stage, 'ann', { color: 'red', colour: 'red' }),
  'apply with an old resourceVersion conflicts': async (stage) => {
    await applied(stage, 'ann', { a: '1' });
    await stage.see(
      `PATCH ${configMaps}/one${as('ann')}`,
      configMap('one', { a: '2' }, { resourceVersion: '1' }),
      apply,
    );
  },
  'apply with a resourceVersion to an object that is not there': ({ see }) =>
    see(`PATCH ${configMaps}/one${as('ann')}`, configMap('one', { a: '2' }, { resourceVersion: '1' }), apply),
  'apply with a uid to an object that is not there': ({ see }) =>
    see(
      `PATCH ${configMaps}/one${as('ann')}`,
      configMap('one', { a: '2' }, { uid: '11111111-1111-1111-1111-111111111111' }),
      apply,
    ),
  'a null is no value, but owned': (stage) => applied(stage, 'ann', { a: null, b: '1' }),

  'Deployment: containers are owned by name, ports by port and protocol': ({ see }) =>
    see(
      `PATCH ${deployments}/one${as('ann')}`,
      deployment(
        'one',
        pods(
          container('main', {
            env: [{ name: 'A', value: '1' }],
            ports: [{ containerPort: 80 }, { containerPort: 80, protocol: 'UDP' }],
            args: ['x'],
          }),
        ),
      ),
      apply,
    ),
  'Deployment: another manager adds a container': async ({ call, see }) => {
    await call(`PATCH ${deployments}/one${as('ann')}`, deployment('one'), apply);
    const sidecar = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'one' },
      spec: { template: { spec: { containers: [container('aside')] } } },
    };
    await see(`PATCH ${deployments}/one${as('bob')}`, sidecar, {
      ...apply,
      show: (body) => [managedSpec(body), body.spec.template.spec.containers.map(({ name }: Body) => name)],
    });
    await see(
      `PATCH ${deployments}/one${as('bob')}`,
      { ...sidecar, spec: undefined },
      {
        ...apply,
        show: (body) => [managedSpec(body), body.spec.template.spec.containers.map(({ name }: Body) => name)],
      },
    );
  },
  'Deployment: order of containers': async ({ call, see }) => {
    await call(
      `PATCH ${deployments}/one${as('ann')}`,
      deployment('one', pods(container('a'), container('b'), container('c'))),
      apply,
    );
    const show = (body: Body) => body.spec.template.spec.containers.map(({ name }: Body) => name);
    await see(
      `PATCH ${deployments}/one${as('ann')}`,
      deployment('one', pods(container('c'), container('a'), container('d'))),
      { ...apply, show },
    );
    await see(
      `PATCH ${deployments}/one${as('ann')}`,
      deployment('one', pods(container('d'), container('a'), container('c'))),
      { ...apply, show },
    );
  },
  'Deployment: the same container twice': ({ see }) =>
    see(`PATCH ${deployments}/one${as('ann')}`, deployment('one', pods(container('a'), container('a'))), apply),
  'Deployment: replicas handed over to a scaler': async ({ call, see }) => {
    await call(`PATCH ${deployments}/one${as('ann')}`, deployment('one'), apply);
    const show = (body: Body) => [managedSpec(body), body.spec.replicas];
    await see(
      `PATCH ${deployments}/one/scale?fieldManager=hpa`,
      { spec: { replicas: 0 } },
      { ...merge, show: (body) => body.spec },
    );
    await see(`PATCH ${deployments}/one${as('ann')}`, deployment('one', { replicas: undefined }), { ...apply, show });
  },
  'Deployment: scaling takes replicas from the applier': async ({ call, see }) => {
    await call(`POST ${deployments}${as('ann')}`, deployment('one', { paused: true }));
    await call(`PATCH ${deployments}/one/scale?fieldManager=hpa`, { spec: { replicas: 1 } }, merge);
    await see(`GET ${deployments}/one`, undefined, {
      show: (body) => managedSpec(body),
    });
    await see(`PATCH ${deployments}/one${as('bob')}`, deployment('one'), apply);
  },
  'Deployment: emptying a map that only one applied': async ({ call, see }) => {
    const selected = (nodeSelector?: object) =>
      deployment('one', { template: { metadata: { labels: { app: 'one' } }, spec: podSpec({ nodeSelector }) } });
    await call(`PATCH ${deployments}/one${as('ann')}`, selected({ a: 'b' }), apply);
    await see(`PATCH ${deployments}/one${as('ann')}`, selected(), {
      ...apply,
      show: (body) => [managedSpec(body), body.spec.template.spec.nodeSelector ?? null],
    });
  },
  'Service: ports are owned by port and protocol': async ({ see }) => {
    const show = (body: Body) => [managed(body), body.spec.ports];
    await see(
      `PATCH ${services}/one${as('ann')}`,
      service('one', {
        ports: [
          { name: 'a', port: 80 },
          { name: 'b', port: 53, protocol: 'UDP' },
        ],
      }),
      { ...apply, show },
    );
    await see(
      `PATCH ${services}/one${as('ann')}`,
      service('one', { ports: [{ name: 'b', port: 53, protocol: 'UDP' }] }),
      { ...apply, show },
    );
  },

  'custom: defaults are owned by nobody': (stage) => widget(stage, 'ann', { color: 'red' }),
  'custom: a default comes back when its field is abandoned': async (stage) => {
    await widget(stage, 'ann', { color: 'red', size: 5 });
    await widget(stage, 'ann', { color: 'red' });
  },
  'custom: a set is owned by value': async (stage) => {
    await widget(stage, 'ann', { color: 'red', tags: ['b', 'a'] });
    await widget(stage, 'bob', { tags: ['a', 'c'] });
    await widget(stage, 'ann', { color: 'red', tags: ['b'] });
    await widget(stage, 'bob', { tags: [] });
  },
  'custom: a set with the same value twice': (stage) => widget(stage, 'ann', { color: 'red', tags: ['a', 'a'] }),
  'custom: a list map is owned by key, with defaulted keys': async (stage) => {
    await widget(stage, 'ann', { color: 'red', ports: [{ port: 1, name: 'a' }, { port: 2 }] });
    await widget(stage, 'bob', {
      ports: [
        { port: 2, name: 'b' },
        { port: 2, protocol: 'UDP' },
      ],
    });
    await widget(stage, 'ann', { color: 'red', ports: [{ port: 1, name: 'a' }] });
    await widget(stage, 'bob', { ports: [{ port: 1, name: 'z' }] });
  },
  'custom: a list map without a key': (stage) => widget(stage, 'ann', { color: 'red', ports: [{ name: 'a' }] }),
  'custom: an atomic list is owned whole': async (stage) => {
    await widget(stage, 'ann', { color: 'red', steps: [{ run: 'a' }, { run: 'b' }] });
    await widget(stage, 'bob', { steps: [{ run: 'a' }] });
    await widget(stage, 'bob', { steps: [{ run: 'a' }] }, '&force=true');
  },
  'custom: an atomic map is owned whole': async (stage) => {
    await widget(stage, 'ann', { color: 'red', one: { a: '1' } });
    await widget(stage, 'bob', { one: { b: '1' } });
    await widget(stage, 'bob', { one: { b: '1' } }, '&force=true');
  },
  'custom: fields without a schema are owned one by one': async (stage) => {
    await widget(stage, 'ann', { color: 'red', extra: { x: { y: 1, l: [1, { z: 1 }] } } });
    await widget(stage, 'bob', { extra: { x: { w: 2 } } });
    await widget(stage, 'ann', { color: 'red' });
  },
  'custom: empty objects and lists': (stage) =>
    widget(stage, 'ann', { color: 'red', selector: {}, frame: {}, tags: [], ports: [], steps: [] }),
  'custom: conflicts inside lists': async (stage) => {
    await widget(stage, 'ann', {
      color: 'red',
      ports: [{ port: 1, name: 'a' }],
      selector: { matchLabels: { 'example.com/x': '1' } },
    });
    await widget(stage, 'bob', {
      ports: [{ port: 1, name: 'b' }],
      selector: { matchLabels: { 'example.com/x': '2' } },
    });
  },
  'custom: nulls in what is applied': (stage) =>
    widget(stage, 'ann', { color: 'red', note: null, dimmed: null, frame: { height: null } }),
  'custom: applying status owns only status': async (stage) => {
    await widget(stage, 'ann', { color: 'red' });
    const status = {
      ...aWidget('one', { color: 'blue' }),
      status: { phase: 'a', conditions: [{ type: 'Ready', status: 'True' }] },
    };
    await stage.see(`PATCH ${widgets}/one/status${as('ann')}`, status, {
      ...apply,
      show: (body) => [body.spec, body.status, managed(body)],
    });
    await stage.see(
      `PATCH ${widgets}/one/status${as('ctl')}`,
      { ...status, status: { conditions: [{ type: 'Healthy', status: 'False' }] } },
      { ...apply, show: (body) => [body.status, managed(body)] },
    );
    await stage.see(
      `PATCH ${widgets}/one/status${as('ann')}`,
      { ...status, status: { phase: 'b' } },
      { ...apply, show: (body) => [body.status, managed(body)] },
    );
  },
  'custom: applying the object leaves status alone': async (stage) => {
    await stage.see(
      `PATCH ${widgets}/one${as('ann')}`,
      { ...aWidget('one'), status: { phase: 'x' } },
      { ...apply, show: (body) => [body.status ?? null, managed(body)] },
    );
    await stage.see(
      `PATCH ${widgets}/one${as('ann')}`,
      { ...aWidget('one'), status: { phase: 'y' } },
      { ...apply, show: (body) => [body.status ?? null, managed(body)] },
    );
  },
  'custom: applying the status of an object that is not there': ({ see }) =>
    see(`PATCH ${widgets}/none/status${as('ann')}`, { ...aWidget('none'), status: { phase: 'x' } }, apply),
  'custom: updating status is its own entry': async (stage) => {
    const made = await stage.call(`POST ${widgets}?fieldManager=ctl`, aWidget('one'));
    await stage.see(
      `PUT ${widgets}/one/status?fieldManager=ctl`,
      { ...made, status: { phase: 'a' } },
      { show: managed },
    );
    await tick();
    await stage.see(
      `PATCH ${widgets}/one/status?fieldManager=ctl`,
      { status: { phase: 'a' } },
      { ...merge, show: both },
    );
  },
  'custom: apply counts generations for changes of the spec only': async ({ see }) => {
    const show = (body: Body) => body.metadata.generation;
    await see(`PATCH ${widgets}/one${as('ann')}`, aWidget('one'), { ...apply, show });
    await see(`PATCH ${widgets}/one${as('ann')}`, aWidget('one', undefined, { labels: { a: 'b' } }), {
      ...apply,
      show,
    });
    await see(`PATCH ${widgets}/one${as('ann')}`, aWidget('one', { color: 'blue' }), { ...apply, show });
  },
  'custom: applying an object that is being deleted': async ({ call, see }) => {
    await call(`PATCH ${widgets}/one${as('ann')}`, aWidget('one', undefined, { finalizers: ['example.com/a'] }), apply);
    await call(`DELETE ${widgets}/one`);
    await see(
      `PATCH ${widgets}/one${as('ann')}`,
      aWidget('one', { color: 'blue' }, { finalizers: ['example.com/a', 'example.com/b'] }),
      { ...apply },
    );
    await call(`PATCH ${widgets}/one`, { metadata: { finalizers: null } }, merge);
  },
};
