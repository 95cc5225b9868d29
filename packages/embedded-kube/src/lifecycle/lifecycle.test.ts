import { configMap, configMaps, crds, type Session, startSession, widgetCrd, widgets } from '../testing/session.ts';

let session: Session;
beforeAll(async () => {
  session = await startSession();
});
afterAll(() => session.server.close());

const gone = (answer: { code: number }) => answer.code === 404;
const namespace = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

async function owned(name: string, owner: string, extra: object = {}) {
  const { body } = await session.get(`${configMaps}/${owner}`);
  const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: owner, uid: body.metadata.uid, ...extra };
  await session.post(configMaps, configMap(name, {}, { ownerReferences: [reference] }));
}

describe('namespaces', () => {
  test('take what is in them along', async () => {
    await session.post('/api/v1/namespaces', namespace('n1'));
    await session.post('/api/v1/namespaces/n1/configmaps', configMap('held', {}, { finalizers: ['example.com/hold'] }));
    const deleted = await session.delete('/api/v1/namespaces/n1');
    expect(deleted.body).toMatchObject({ status: { phase: 'Terminating' } });
    const refused = await session.post('/api/v1/namespaces/n1/configmaps', configMap('late'));
    expect(refused.body).toMatchObject({
      code: 403,
      reason: 'Forbidden',
      message:
        'configmaps "late" is forbidden: unable to create new content in namespace n1 because it is being terminated',
      details: {
        causes: [
          { reason: 'NamespaceTerminating', message: 'namespace n1 is being terminated', field: 'metadata.namespace' },
        ],
      },
    });
    await session.until(
      '/api/v1/namespaces/n1/configmaps/held',
      (answer) => answer.body.metadata?.deletionTimestamp !== undefined,
    );
    expect((await session.get('/api/v1/namespaces/n1')).code).toBe(200);
    await session.patch('/api/v1/namespaces/n1/configmaps/held', 'merge', { metadata: { finalizers: null } });
    await session.until('/api/v1/namespaces/n1', gone);
  });

  test('come with a service account; the default one stays', async () => {
    await session.post('/api/v1/namespaces', namespace('n2'));
    expect((await session.get('/api/v1/namespaces/n2/serviceaccounts/default')).code).toBe(200);
    expect((await session.delete('/api/v1/namespaces/default')).code).toBe(403);
  });
});

describe('garbage collection', () => {
  test('dependents follow their owner', async () => {
    await session.post(configMaps, configMap('g1'));
    await owned('g1-child', 'g1');
    await session.delete(`${configMaps}/g1`);
    await session.until(`${configMaps}/g1-child`, gone);
  });

  test('an object with another owner left stays', async () => {
    await session.post(configMaps, configMap('g2a'));
    await session.post(configMaps, configMap('g2b'));
    const references = await Promise.all(
      ['g2a', 'g2b'].map(async (name) => ({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        name,
        uid: (await session.get(`${configMaps}/${name}`)).body.metadata.uid,
      })),
    );
    await session.post(configMaps, configMap('g2-child', {}, { ownerReferences: references }));
    await session.delete(`${configMaps}/g2a`);
    const { body } = await session.until(
      `${configMaps}/g2-child`,
      (answer) => answer.body.metadata.ownerReferences?.length === 1,
    );
    expect(body.metadata.ownerReferences![0]!.name).toBe('g2b');
  });

  test('Orphan leaves dependents alone', async () => {
    await session.post(configMaps, configMap('g3'));
    await owned('g3-child', 'g3');
    await session.delete(`${configMaps}/g3`, { propagationPolicy: 'Orphan' });
    await session.until(`${configMaps}/g3`, gone);
    expect((await session.get(`${configMaps}/g3-child`)).body.metadata.ownerReferences).toBeUndefined();
  });

  test('Foreground waits for dependents that block', async () => {
    await session.post(configMaps, configMap('g4'));
    await owned('g4-child', 'g4', { blockOwnerDeletion: true });
    await session.patch(`${configMaps}/g4-child`, 'merge', { metadata: { finalizers: ['example.com/hold'] } });
    await session.delete(`${configMaps}/g4`, { propagationPolicy: 'Foreground' });
    await session.until(`${configMaps}/g4-child`, (answer) => answer.body.metadata.deletionTimestamp !== undefined);
    expect((await session.get(`${configMaps}/g4`)).body.metadata.finalizers).toEqual(['foregroundDeletion']);
    await session.patch(`${configMaps}/g4-child`, 'merge', { metadata: { finalizers: null } });
    await session.until(`${configMaps}/g4`, gone);
  });

  test('an object whose owner never was goes', async () => {
    await session.post(
      configMaps,
      configMap(
        'g5',
        {},
        { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'no-such-uid' }] },
      ),
    );
    await session.until(`${configMaps}/g5`, gone);
  });
});

test('a CRD takes its objects along', async () => {
  await session.post(crds, widgetCrd({}));
  await session.post(widgets, {
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name: 'one', finalizers: ['example.com/hold'] },
  });
  await session.delete(`${crds}/widgets.example.com`);
  await session.until(`${widgets}/one`, (answer) => answer.body.metadata.deletionTimestamp !== undefined);
  expect((await session.get(`${crds}/widgets.example.com`)).code).toBe(200);
  await session.patch(`${widgets}/one`, 'merge', { metadata: { finalizers: null } });
  await session.until(`${crds}/widgets.example.com`, gone);
  expect((await session.get(widgets)).code).toBe(404);
});
