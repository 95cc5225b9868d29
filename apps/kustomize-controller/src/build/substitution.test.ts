import { startEmbeddedKube } from '@gitops-toolkit/embedded-kube';
import { condition, configMap, inventory, type Tenant } from '../testing/tenant.ts';
import { startWorld, type Controller, type World } from '../testing/toolkit.ts';

let world: World;
let controller: Controller;
beforeAll(async () => {
  world = await startWorld(startEmbeddedKube);
  controller = await world.controller();
});
afterAll(async () => {
  await controller?.stop();
  await world?.close();
});

type PostBuild = NonNullable<NonNullable<Parameters<Tenant['apply']>[0]>['postBuild']>;
const watched = { 'reconcile.fluxcd.io/watch': 'Enabled' };

async function start(values: Record<string, string>, postBuild: PostBuild, metadata: object = {}) {
  const tenant = await world.tenant();
  await tenant.push({ 'cm.yaml': configMap('out', values, metadata) }, 'r1');
  return Object.assign(tenant, {
    async run() {
      await tenant.apply({ targetNamespace: tenant.namespace, postBuild });
      return tenant;
    },
  });
}
const output = async (tenant: Tenant) => (await tenant.find('ConfigMap', 'out'))?.data;
const message = async (tenant: Tenant) => condition(await tenant.failed('BuildFailed'), 'Ready')!.message;
const source = (kind: string, name: string, fields: object, labels = {}) => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, labels },
  ...fields,
});

test('KUS-142, KUS-143, KUS-419, KUS-424: ConfigMap, Secret, inline: the last wins, line breaks vanish', async () => {
  const tenant = await start(
    { a: '${a}', b: '${b}', c: '${c}', d: '${d}' },
    {
      substitute: { c: 'inline', d: 'one\ntwo' },
      substituteFrom: [
        { kind: 'ConfigMap', name: 'vars', optional: false },
        { kind: 'Secret', name: 'vars', optional: false },
        { kind: 'ConfigMap', name: 'absent', optional: true },
      ],
    },
  );
  await tenant.create(
    source('ConfigMap', 'vars', { data: { a: 'map', b: 'map', c: 'map' } }),
    source('Secret', 'vars', { stringData: { b: 'secret', c: 'secret' } }),
  );
  await tenant.run();
  await tenant.ready('r1');
  expect(await output(tenant)).toEqual({ a: 'map', b: 'secret', c: 'inline', d: 'onetwo' });
});

test('KUS-145, KUS-419: a reference that is missing', async () => {
  const from = (kind: 'ConfigMap' | 'Secret') => ({ substituteFrom: [{ kind, name: 'vars', optional: false }] });
  for (const kind of ['ConfigMap', 'Secret'] as const) {
    const tenant = await start({ a: '${a}' }, from(kind));
    await tenant.run();
    expect(await message(tenant)).toContain(`substitute from '${kind}/vars' error: `);
  }
});

test('KUS-65, KUS-66, KUS-419: variables that change, with and without the label', async () => {
  const substituteFrom = ['seen', 'unseen', 'late'].map((name) => ({
    kind: 'ConfigMap' as const,
    name,
    optional: name === 'late',
  }));
  const tenant = await start({ a: '${a}', b: '${b:=none}', c: '${c:=none}' }, { substituteFrom });
  await tenant.create(
    source('ConfigMap', 'seen', { data: { a: 'v1' } }, watched),
    source('ConfigMap', 'unseen', { data: { b: 'v1' } }),
  );
  await tenant.run();
  await tenant.ready('r1');
  expect(await output(tenant)).toEqual({ a: 'v1', b: 'v1', c: 'none' });
  const configured = (count: number) =>
    tenant.event(() => tenant.events().filter(({ message }) => message.endsWith('configured')).length >= count);
  await tenant.edit('ConfigMap', 'unseen', { data: { b: 'v2' } });
  await tenant.create(source('ConfigMap', 'late', { data: { c: 'v1' } }, watched));
  await configured(1);
  await tenant.edit('ConfigMap', 'unseen', { data: { b: 'v3' } });
  await tenant.edit('ConfigMap', 'seen', { data: { a: 'v2' } });
  await configured(2);
  expect(await output(tenant)).toEqual({ a: 'v2', b: 'v3', c: 'v1' });
  expect(tenant.events().filter(({ message }) => message.endsWith('configured'))).toHaveLength(2);
});

test('KUS-144, KUS-147, KUS-423: who opts out needs no variables', async () => {
  const substituteFrom = [{ kind: 'Secret' as const, name: 'absent', optional: false }];
  const key = 'kustomize.toolkit.fluxcd.io/substitute';
  for (const metadata of [{ labels: { [key]: 'disabled' } }, { annotations: { [key]: 'disabled' } }]) {
    const tenant = await start({ a: '${a}' }, { substituteFrom }, metadata);
    await tenant.run();
    await tenant.ready('r1');
    expect(await output(tenant)).toEqual({ a: '${a}' });
  }
});

test('KUS-141, KUS-420: no variables at all', async () => {
  const plain = await start({ a: '${a:=default}' }, {});
  await plain.run();
  await plain.ready('r1');
  expect(await output(plain)).toEqual({ a: '${a:=default}' });
  const always = await start({ a: '${a:=default}' }, { substituteStrategy: 'Always' });
  await always.run();
  await always.ready('r1');
  expect(await output(always)).toEqual({ a: 'default' });
});

test('KUS-138, KUS-146, KUS-152, KUS-154, KUS-157, KUS-422: what is wrong, and where', async () => {
  const cases: [Record<string, string>, Record<string, string>, string][] = [
    [{ a: '${b}' }, { a: '1' }, 'envsubst error: variable substitution failed: variable not set (strict mode): "b"'],
    [{ a: '1' }, { 'my-key': '1' }, "'my-key' var name is invalid, must match"],
    [{ a: 'x ${a}' }, { a: 'y: [' }, 'YAMLToJSON: '],
    // Such a value may come from a Secret.
    [{ a: '${a}' }, { a: '*hunter2' }, "YAMLToJSON: yaml: line 3: unknown anchor '***' referenced"],
  ];
  for (const [values, substitute, text] of cases) {
    const tenant = await start(values, { substitute });
    await tenant.run();
    const found = await message(tenant);
    expect(found).toContain(text);
    expect(found).toContain(`post build failed for 'ConfigMap/${tenant.namespace}/out': `);
  }
});

test('KUS-148, KUS-150, KUS-156, KUS-421, KUS-425, KUS-426: text in, YAML out', async () => {
  const tenant = await world.tenant();
  const service = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web-${env}' },
    spec: { ports: [{ port: '${port}' }], selector: { build: '${q}${port}${q}' } },
  });
  const script = "echo $HOME $(date) $$(cmd) | awk '{print $1}'";
  await tenant.push({ 'svc.yaml': service, 'cm.yaml': configMap('out', { script }) }, 'r1');
  const substitute = { env: 'prod', port: '8080', q: '"' };
  await tenant.apply({ targetNamespace: tenant.namespace, postBuild: { substitute } });
  const object = await tenant.ready('r1');
  expect(inventory(object)).toContain(`${tenant.namespace}_web-prod__Service`);
  expect((await tenant.find('Service', 'web-prod'))!.spec).toMatchObject({
    ports: [{ port: 8080 }],
    selector: { build: '8080' },
  });
  expect(await output(tenant)).toEqual({ script: script.replace('$$', '$') });
});

test('KUS-62, KUS-250: values of Secrets are in no message', async () => {
  const tenant = await world.tenant();
  await tenant.create(source('Secret', 'vars', { stringData: { token: 'very-secret-value' } }));
  const secret = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'out' },
    type: 'kubernetes.io/tls',
    stringData: { token: '${token}' },
  });
  await tenant.push({ 'secret.yaml': secret }, 'r1');
  const substituteFrom = [{ kind: 'Secret' as const, name: 'vars', optional: false }];
  await tenant.apply({ targetNamespace: tenant.namespace, postBuild: { substituteFrom } });
  await tenant.failed('ReconciliationFailed');
  await tenant.event(({ severity }) => severity === 'error');
  const lines = controller.logs.filter(({ namespace }) => namespace === tenant.namespace);
  const told = JSON.stringify([tenant.events(), lines, world.find(tenant.namespace, 'app')?.status]);
  expect(told).not.toContain('very-secret-value');
  expect(told).not.toContain(Buffer.from('very-secret-value').toString('base64'));
});
