/** Finalizers, owners, propagation, preconditions, namespaces. */
import { configMap, configMaps, names, secret, secrets } from './builtins.ts';
import { aWidget, widgets } from './definitions.ts';
import { type Body, merge, type Stage, type Topic } from './script.ts';

const brief = ({ kind, metadata, status, details }: Body) => ({
  kind,
  finalizers: metadata?.finalizers ?? null,
  deleting: metadata?.deletionTimestamp !== undefined,
  grace: metadata?.deletionGracePeriodSeconds ?? null,
  generation: metadata?.generation ?? null,
  status: typeof status === 'string' ? status : null,
  details: details ?? null,
});
const gone = ({ until }: Stage, path: string) => until(path, (code) => code === 404);
/** An owner and what it owns. */
const family = async ({ call }: Stage, metadata: object = {}, more: object = {}) => {
  const owner = await call(`POST ${widgets}`, aWidget('owner', undefined, metadata));
  const ownerReferences = [
    { apiVersion: owner.apiVersion, kind: owner.kind, name: 'owner', uid: owner.metadata.uid, ...more },
  ];
  await call(`POST ${secrets}`, secret('owned', { ownerReferences }));
  return owner;
};
const release = ({ call }: Stage, path: string) => call(`PATCH ${path}`, { metadata: { finalizers: null } }, merge);
const namespace = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

export const deletion: Topic = {
  'a finalizer holds the object': async (stage) => {
    await stage.call(`POST ${widgets}`, aWidget('one', undefined, { finalizers: ['example.com/a'] }));
    await stage.see(`DELETE ${widgets}/one`, undefined, { show: brief });
    await stage.see(`GET ${widgets}/one`, undefined, { show: brief });
    await stage.see(`DELETE ${widgets}/one`, undefined, { show: brief });
    await stage.see(`PATCH ${widgets}/one`, { metadata: { finalizers: null } }, { ...merge, show: brief });
    await stage.see(`GET ${widgets}/one`);
  },
  'one of two finalizers': async (stage) => {
    await stage.call(`POST ${configMaps}`, configMap('one', {}, { finalizers: ['example.com/a', 'example.com/b'] }));
    await stage.see(`DELETE ${configMaps}/one`, undefined, { show: brief });
    await stage.see(
      `PATCH ${configMaps}/one`,
      { metadata: { finalizers: ['example.com/b'] } },
      { ...merge, show: brief },
    );
    await stage.see(`PATCH ${configMaps}/one`, { metadata: { finalizers: ['example.com/b', 'example.com/c'] } }, merge);
    await release(stage, `${configMaps}/one`);
  },
  'an object that is being deleted can be changed': async (stage) => {
    await stage.call(`POST ${configMaps}`, configMap('one', {}, { finalizers: ['example.com/a'] }));
    await stage.call(`DELETE ${configMaps}/one`);
    await stage.see(`PATCH ${configMaps}/one`, { data: { x: 'y' } }, { ...merge, show: ({ data }) => data });
    await stage.see(`PATCH ${configMaps}/one`, { metadata: { deletionTimestamp: null } }, { ...merge, show: brief });
    await release(stage, `${configMaps}/one`);
  },
  'a finalizer needs a qualified name': ({ see }) =>
    see(`POST ${configMaps}`, configMap('one', {}, { finalizers: ['plain', 'not valid'] })),
  'deletion timestamps cannot be set': async ({ call, see }) => {
    await call(`POST ${configMaps}`, configMap('one'));
    await see(
      `PATCH ${configMaps}/one`,
      { metadata: { deletionTimestamp: '2001-01-01T00:00:00Z' } },
      { ...merge, show: brief },
    );
  },
  'precondition: another uid': async ({ call, see }) => {
    await call(`POST ${configMaps}`, configMap('one'));
    await see(`DELETE ${configMaps}/one`, { preconditions: { uid: '11111111-1111-1111-1111-111111111111' } });
  },
  'precondition: an old resourceVersion': async ({ call, see }) => {
    await call(`POST ${configMaps}`, configMap('one'));
    await see(`DELETE ${configMaps}/one`, { preconditions: { resourceVersion: '1' } });
  },
  'precondition: holds': async ({ call, see }) => {
    const { metadata } = await call(`POST ${configMaps}`, configMap('one'));
    await see(
      `DELETE ${configMaps}/one`,
      { preconditions: { uid: metadata.uid, resourceVersion: metadata.resourceVersion } },
      { show: brief },
    );
  },
  'background: the owned object goes after its owner': async (stage) => {
    await family(stage);
    await stage.see(`DELETE ${widgets}/owner?propagationPolicy=Background`, undefined, { show: brief });
    await gone(stage, `${secrets}/owned`);
  },
  'foreground: the owner waits for what it owns': async (stage) => {
    await family(stage, {}, { blockOwnerDeletion: true });
    await stage.call(`PATCH ${secrets}/owned`, { metadata: { finalizers: ['example.com/a'] } }, merge);
    await stage.see(`DELETE ${widgets}/owner`, { propagationPolicy: 'Foreground' }, { show: brief });
    await stage.until(`${secrets}/owned`, (_, body) => body.metadata?.deletionTimestamp !== undefined);
    await stage.see(`GET ${widgets}/owner`, undefined, { show: brief });
    await release(stage, `${secrets}/owned`);
    await gone(stage, `${widgets}/owner`);
  },
  'orphan: the owned object stays without its owner': async (stage) => {
    await family(stage);
    await stage.see(`DELETE ${widgets}/owner`, { propagationPolicy: 'Orphan' }, { show: brief });
    await gone(stage, `${widgets}/owner`);
    await stage.see(`GET ${secrets}/owned`, undefined, { show: ({ metadata }) => metadata.ownerReferences ?? null });
  },
  'orphanDependents is the old way': async (stage) => {
    await family(stage);
    await stage.see(`DELETE ${widgets}/owner`, { orphanDependents: true }, { show: brief });
    await gone(stage, `${widgets}/owner`);
  },
  'both ways at once': async (stage) => {
    await stage.call(`POST ${configMaps}`, configMap('one'));
    await stage.see(`DELETE ${configMaps}/one`, { orphanDependents: true, propagationPolicy: 'Orphan' });
  },
  'an unknown propagation policy': async ({ call, see }) => {
    await call(`POST ${configMaps}`, configMap('one'));
    await see(`DELETE ${configMaps}/one?propagationPolicy=Sideways`);
    await see(`DELETE ${configMaps}/one`, { propagationPolicy: 'Sideways' });
  },
  'an object whose owner does not exist goes': async (stage) => {
    const ownerReferences = [
      { apiVersion: 'v1', kind: 'ConfigMap', name: 'none', uid: '11111111-1111-1111-1111-111111111111' },
    ];
    await stage.call(`POST ${secrets}`, secret('owned', { ownerReferences }));
    await gone(stage, `${secrets}/owned`);
  },
  'owners must be complete': ({ see }) =>
    see(`POST ${secrets}`, secret('owned', { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap' }] })),
  'only one owner is the controller': ({ see }) =>
    see(
      `POST ${secrets}`,
      secret('owned', {
        ownerReferences: ['a', 'b'].map((name) => ({
          apiVersion: 'v1',
          kind: 'ConfigMap',
          name,
          uid: `11111111-1111-1111-1111-11111111111${name}`,
          controller: true,
        })),
      }),
    ),
  'DeleteOptions of a wrong kind': async ({ call, see }) => {
    await call(`POST ${configMaps}`, configMap('one'));
    await see(
      `DELETE ${configMaps}/one`,
      { apiVersion: 'v1', kind: 'ConfigMap' },
      { showFailure: ({ code, reason }) => [code, reason] },
    );
  },
  'a pod that runs nowhere goes at once': async ({ call, see, until }) => {
    const spec = { nodeName: undefined, schedulerName: 'nobody', containers: [{ name: 'a', image: 'a' }] };
    await until('/api/v1/namespaces/NS/serviceaccounts/default', (code) => code === 200);
    await call('POST /api/v1/namespaces/NS/pods', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'one' }, spec });
    await see('DELETE /api/v1/namespaces/NS/pods/one?gracePeriodSeconds=0', undefined, { show: ({ kind }) => kind });
  },
  'deletecollection with finalizers marks all': async (stage) => {
    for (const name of ['a', 'b']) await stage.call(`POST ${secrets}`, secret(name, { finalizers: ['example.com/a'] }));
    await stage.call(`DELETE ${secrets}`);
    await stage.see(`GET ${secrets}`, undefined, { show: ({ items }) => items.map(brief) });
    for (const name of ['a', 'b']) await release(stage, `${secrets}/${name}`);
    await stage.see(`GET ${secrets}`, undefined, { show: names });
  },
};

export const namespaces: Topic = {
  'a namespace is born with a label and a finalizer': async ({ see, ns }) => {
    const made = await see('POST /api/v1/namespaces', namespace(`${ns}-x`));
    await see(`DELETE /api/v1/namespaces/${made.metadata.name}`, undefined, {
      show: ({ status, spec, metadata }) => [status, spec, metadata.deletionTimestamp !== undefined],
    });
  },
  'its objects go with it': async (stage) => {
    const path = `/api/v1/namespaces/${stage.ns}-x`;
    await stage.call('POST /api/v1/namespaces', namespace(`${stage.ns}-x`));
    await stage.call(`POST ${path}/secrets`, secret('one'));
    await stage.call(`DELETE ${path}`);
    await gone(stage, path);
    await stage.see(`GET ${path}/secrets/one`);
  },
  'it waits for finalizers, and takes nothing new': async (stage) => {
    const path = `/api/v1/namespaces/${stage.ns}-x`;
    await stage.call('POST /api/v1/namespaces', namespace(`${stage.ns}-x`));
    await stage.call(`POST ${path}/secrets`, secret('one', { finalizers: ['example.com/a'] }));
    await stage.call(`DELETE ${path}`);
    await stage.see(`POST ${path}/secrets`, secret('two'));
    await stage.see(`PATCH ${path}/secrets/two?fieldManager=ann`, secret('two'), {
      type: 'application/apply-patch+yaml',
    });
    await stage.until(`${path}/secrets/one`, (_, body) => body.metadata?.deletionTimestamp !== undefined);
    await release(stage, `${path}/secrets/one`);
    await gone(stage, path);
  },
  'its conditions say what it waits for': async (stage) => {
    const path = `/api/v1/namespaces/${stage.ns}-x`;
    await stage.call('POST /api/v1/namespaces', namespace(`${stage.ns}-x`));
    await stage.call(`POST ${path}/secrets`, secret('one', { finalizers: ['example.com/a'] }));
    await stage.call(`DELETE ${path}`);
    await stage.until(path, (_, { status }) =>
      status.conditions?.some(({ type, status }: Body) => type === 'NamespaceFinalizersRemaining' && status === 'True'),
    );
    await stage.see(`GET ${path}`, undefined, {
      show: ({ status }) => ({
        ...status,
        conditions: status.conditions.sort((a: Body, b: Body) => (a.type < b.type ? -1 : 1)),
      }),
    });
    await release(stage, `${path}/secrets/one`);
    await gone(stage, path);
  },
  'the default namespace stays': ({ see }) => see('DELETE /api/v1/namespaces/default'),
  'a namespace has no deletecollection': ({ see }) => see('DELETE /api/v1/namespaces'),
  'the name label is kept': async ({ see }) =>
    see(
      'PATCH /api/v1/namespaces/NS',
      { metadata: { labels: { 'kubernetes.io/metadata.name': null, a: 'b' } } },
      { ...merge, show: ({ metadata }) => metadata.labels },
    ),
  'a bad name': ({ see }) => see('POST /api/v1/namespaces', namespace('not.good')),
  'a namespace in a namespace': ({ see, ns }) =>
    see('POST /api/v1/namespaces', { ...namespace('x'), metadata: { name: `${ns}-x`, namespace: 'default' } }),
  'a missing namespace': ({ see }) => see('GET /api/v1/namespaces/nowhere'),
};
