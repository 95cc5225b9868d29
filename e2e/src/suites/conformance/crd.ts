/** CustomResourceDefinitions themselves. */
import { aWidget, definition, duals, group, looses, ruleds } from './definitions.ts';
import { type Body, apply, causesOnly, merge, type Stage, type Topic } from './script.ts';

const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const plain = { type: 'object', properties: { spec: { type: 'object' } } };
const crd = (kind: string, schema: object = plain, more: object = {}) =>
  definition(kind, [{ name: 'v1', schema: schema as Record<string, unknown>, ...more }]);
const refused =
  (schema: object, more: object = {}, options: object = {}) =>
  ({ see }: Stage) =>
    see(`POST ${path}?dryRun=All`, crd('Bad', schema, more), { show: () => 'accepted', ...options });
const withinBriefly = (schema: object) =>
  refused({ type: 'object', properties: { spec: { type: 'object', properties: { x: schema } } } }, {}, causesOnly);
const within = (schema: object) =>
  refused({ type: 'object', properties: { spec: { type: 'object', properties: { x: schema } } } });
const aDual = (version: string, spec: object = { a: '1' }) => ({
  apiVersion: `${group}/${version}`,
  kind: 'Dual',
  metadata: { name: 'one' },
  spec,
});
const conditions = ({ status }: Body) => status.conditions.map(({ lastTransitionTime: _, ...rest }: Body) => rest);

export const crds: Topic = {
  'names are completed': async ({ see, call }) => {
    const sent = crd('Gizmo');
    const spec = { ...sent.spec, names: { kind: 'Gizmo', plural: 'gizmos' } };
    await see(`POST ${path}`, { ...sent, spec }, { show: ({ spec }) => spec });
    await call(`DELETE ${path}/gizmos.${group}`);
  },
  'it becomes established, and is served': async ({ see, call, until }) => {
    await call(`POST ${path}`, crd('Gadget'));
    await until(`${path}/gadgets.${group}`, (_, { status }) =>
      status?.conditions?.some(({ type, status }: Body) => type === 'Established' && status === 'True'),
    );
    await until(`/apis/${group}/v1/namespaces/NS/gadgets`, (code) => code === 200);
    await see(`GET ${path}/gadgets.${group}`, undefined, {
      show: (body) => [conditions(body), body.status.acceptedNames, body.status.storedVersions],
    });
    await call(`DELETE ${path}/gadgets.${group}`);
    await until(`/apis/${group}/v1/namespaces/NS/gadgets`, (code) => code === 404);
  },
  'its objects go with it': async ({ see, call, until }) => {
    await call(`POST ${path}`, crd('Fleeting'));
    const objects = `/apis/${group}/v1/namespaces/NS/fleetings`;
    await until(objects, (code) => code === 200);
    await call(`POST ${objects}`, { apiVersion: `${group}/v1`, kind: 'Fleeting', metadata: { name: 'one' } });
    await see(`GET ${path}/fleetings.${group}`, undefined, { show: ({ metadata }) => metadata.finalizers });
    await call(`DELETE ${path}/fleetings.${group}`);
    await until(`${path}/fleetings.${group}`, (code) => code === 404);
    await until(objects, (code) => code === 404);
  },
  'a changed schema takes effect': async ({ see, call, until }) => {
    await call(`POST ${path}`, crd('Growing'));
    const objects = `/apis/${group}/v1/namespaces/NS/growings`;
    await until(objects, (code) => code === 200);
    const object = { apiVersion: `${group}/v1`, kind: 'Growing', metadata: { name: 'one' }, spec: { extra: 'x' } };
    await see(`POST ${objects}?dryRun=All`, object, { show: ({ spec }) => spec });
    await call(
      `PATCH ${path}/growings.${group}?fieldManager=ann&force=true`,
      crd('Growing', {
        type: 'object',
        properties: {
          spec: { type: 'object', properties: { extra: { type: 'string' }, more: { type: 'string', default: 'd' } } },
        },
      }),
      apply,
    );
    const schema = () => call(`POST ${objects}?dryRun=All`, object);
    for (let made = await schema(); made.spec.more === undefined; made = await schema());
    await see(`POST ${objects}`, object, { show: ({ spec }) => spec });
    await call(`DELETE ${path}/growings.${group}`);
  },
  'a name that does not match': ({ see }) => see(`POST ${path}`, { ...crd('Bad'), metadata: { name: 'wrong' } }),
  'no versions': ({ see }) => see(`POST ${path}`, { ...crd('Bad'), spec: { ...crd('Bad').spec, versions: [] } }),
  'no storage version': refused(plain, { storage: false }, causesOnly),
  'two storage versions': ({ see }) =>
    see(
      `POST ${path}`,
      definition('Bad', [
        { name: 'v1', schema: plain },
        { name: 'v2', schema: plain, storage: true },
      ]),
      causesOnly,
    ),
  'an unknown scope': ({ see }) =>
    see(`POST ${path}`, { ...crd('Bad'), spec: { ...crd('Bad').spec, scope: 'Everywhere' } }),
  'no schema': ({ see }) =>
    see(`POST ${path}`, {
      ...crd('Bad'),
      spec: { ...crd('Bad').spec, versions: [{ name: 'v1', served: true, storage: true }] },
    }),
  'schema: no type at the root': refused({ properties: {} }),
  'schema: no type of a field': within({ properties: {} }),
  'schema: an unknown type': within({ type: 'thing' }),
  'schema: an array without items': within({ type: 'array' }),
  'schema: a default of the wrong type': within({ type: 'integer', default: 'x' }),
  'schema: a default that breaks a rule': within({ type: 'integer', minimum: 3, default: 1 }),
  'schema: unique items': within({ type: 'array', uniqueItems: true, items: { type: 'string' } }),
  'schema: a list map without keys': within({
    type: 'array',
    'x-kubernetes-list-type': 'map',
    items: { type: 'object' },
  }),
  'schema: an unknown list type': within({ type: 'array', 'x-kubernetes-list-type': 'bag', items: { type: 'string' } }),
  'schema: a broken CEL rule': withinBriefly({ type: 'string', 'x-kubernetes-validations': [{ rule: 'self ==' }] }),
  'schema: a CEL rule of the wrong type': withinBriefly({
    type: 'string',
    'x-kubernetes-validations': [{ rule: 'self + "x"' }],
  }),
  'schema: a broken pattern': withinBriefly({ type: 'string', pattern: '(' }),
  'the group cannot change': ({ see }) =>
    see(`PATCH ${path}/widgets.${group}`, { spec: { group: 'other.example.com' } }, merge),
  'the scope cannot change': ({ see }) => see(`PATCH ${path}/widgets.${group}`, { spec: { scope: 'Cluster' } }, merge),
  'two versions show the same object': async ({ call, see }) => {
    await call(`POST ${duals}`, aDual('v1'));
    await see(`GET ${duals.replace('/v1/', '/v1beta1/')}/one`);
    await see(`PATCH ${duals.replace('/v1/', '/v1beta1/')}/one?fieldManager=ann`, aDual('v1beta1', { b: '2' }), apply);
    await see(`GET ${duals}/one`);
  },
  'a deprecated version warns': ({ see }) =>
    see(`POST ${duals.replace('/v1/', '/v1beta1/')}`, aDual('v1beta1'), { show: ({ apiVersion }) => apiVersion }),
  'apply in two versions by one manager': async ({ call, see }) => {
    await call(`PATCH ${duals}/one?fieldManager=ann`, aDual('v1', { a: '1', b: '1' }), apply);
    await see(`PATCH ${duals.replace('/v1/', '/v1beta1/')}/one?fieldManager=ann`, aDual('v1beta1'), apply);
  },
  'anything goes where anything is kept': async ({ see, call, ns }) => {
    await see(`POST ${looses}`, {
      apiVersion: `${group}/v1`,
      kind: 'Loose',
      metadata: { name: ns, labels: { a: 'b' } },
      a: { b: [1, 'x', null, 1.5, true] },
      status: { c: 1 },
    });
    await see(`PATCH ${looses}/${ns}`, { a: { c: 1 }, status: null }, merge);
    await call(`DELETE ${looses}/${ns}`);
  },
  'no status subresource, no scale': async ({ see }) => {
    await see(`GET ${ruleds}/one/status`);
    await see(`GET ${ruleds}/one/scale`);
  },
  'a namespaced resource without namespace': ({ see }) => see(`POST /apis/${group}/v1/widgets`, aWidget('one')),
  'an unknown resource of a known group': ({ see }) => see(`GET /apis/${group}/v1/namespaces/NS/gizmoids`),
  'an unknown version of a known group': ({ see }) => see(`GET /apis/${group}/v7/namespaces/NS/widgets`),
};
