import { deployment, deployments, type Loose, type Session, startSession } from '../testing/session.ts';
import { behaviourAnnotation } from './behaviour.ts';

let session: Session;
beforeAll(async () => {
  session = await startSession({ simulate: true, simulationDelayMs: 5 });
});
afterAll(() => session.server.close());

const told = (behaviour: string) => ({ annotations: { [behaviourAnnotation]: behaviour } });
const condition = (object: Loose, type: string) =>
  object.status?.conditions?.find((candidate: Loose) => candidate.type === type);
const core = '/api/v1/namespaces/default';

test('a deployment becomes available, again after each change', async () => {
  await session.post(deployments, deployment('one', { replicas: 2 }));
  const ready = await session.until(
    `${deployments}/one`,
    ({ body }) => condition(body, 'Available')?.status === 'True',
  );
  expect(ready.body.status).toMatchObject({
    observedGeneration: 1,
    replicas: 2,
    readyReplicas: 2,
    updatedReplicas: 2,
    availableReplicas: 2,
  });
  await session.patch(`${deployments}/one`, 'merge', { spec: { replicas: 3 } });
  await session.until(
    `${deployments}/one`,
    ({ body }) => body.status.observedGeneration === 2 && body.status.readyReplicas === 3,
  );
});

test('a deployment told to fail exceeds its deadline; one told to hang stays in progress', async () => {
  await session.post(deployments, { ...deployment('bad'), metadata: { name: 'bad', ...told('fail') } });
  const failed = await session.until(
    `${deployments}/bad`,
    ({ body }) => condition(body, 'Progressing')?.status === 'False',
  );
  expect(condition(failed.body, 'Progressing').reason).toBe('ProgressDeadlineExceeded');
  await session.post(deployments, { ...deployment('slow'), metadata: { name: 'slow', ...told('hang') } });
  const slow = await session.until(`${deployments}/slow`, ({ body }) => body.status?.observedGeneration === 1);
  expect(condition(slow.body, 'Available').status).toBe('False');
});

test('jobs complete, or fail when told to', async () => {
  const job = (name: string, metadata: object = {}) => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, ...metadata },
    spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'example/job:1' }] } } },
  });
  const jobs = '/apis/batch/v1/namespaces/default/jobs';
  await session.post(jobs, job('good'));
  await session.post(jobs, job('bad', told('fail')));
  const good = await session.until(`${jobs}/good`, ({ body }) => condition(body, 'Complete') !== undefined);
  expect(good.body.status).toMatchObject({ succeeded: 1 });
  await session.until(`${jobs}/bad`, ({ body }) => condition(body, 'Failed')?.reason === 'BackoffLimitExceeded');
});

test('claims are bound, load balancers get an address, pods run', async () => {
  await session.post(`${core}/persistentvolumeclaims`, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  });
  await session.post(`${core}/services`, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'lb' },
    spec: { type: 'LoadBalancer', ports: [{ port: 80 }] },
  });
  await session.post(`${core}/pods`, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'pod' },
    spec: { containers: [{ name: 'main', image: 'example/app:1' }] },
  });
  const claim = await session.until(`${core}/persistentvolumeclaims/data`, ({ body }) => body.status.phase === 'Bound');
  expect(claim.body.spec).toMatchObject({ volumeName: `pvc-${claim.body.metadata.uid}` });
  await session.until(`${core}/services/lb`, ({ body }) =>
    body.status.loadBalancer.ingress?.[0].ip.startsWith('203.0.113.'),
  );
  await session.until(`${core}/pods/pod`, ({ body }) => condition(body, 'Ready')?.status === 'True');
});
