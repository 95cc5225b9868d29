/** Status, scale, tokens and reviews. */
import { deployment, deployments } from './builtins.ts';
import { aWidget, widgets } from './definitions.ts';
import { type Body, json, merge, type Topic } from './script.ts';

const both = ({ spec, status, metadata }: Body) => ({
  color: spec.color,
  status: status ?? null,
  generation: metadata.generation,
  labels: metadata.labels ?? null,
});
const scale = ({ kind, apiVersion, metadata, spec, status }: Body) => ({
  kind,
  apiVersion,
  fields: Object.keys(metadata).sort(),
  spec,
  status,
});
const review = (kind: string, spec: object, group = 'authorization.k8s.io') => ({
  apiVersion: `${group}/v1`,
  kind,
  spec,
});

export const subresources: Topic = {
  'status: an update changes only status': async ({ call, see }) => {
    const made = await call(`POST ${widgets}`, aWidget('one'));
    const changed = {
      ...made,
      metadata: { ...made.metadata, labels: { a: 'b' } },
      spec: { color: 'blue' },
      status: { phase: 'x', unknown: 1 },
    };
    await see(`PUT ${widgets}/one/status`, changed, { show: both });
  },
  'status: an update of the object leaves status alone': async ({ call, see }) => {
    await call(`POST ${widgets}`, aWidget('one'));
    const made = await call(`PATCH ${widgets}/one/status`, { status: { phase: 'x' } }, merge);
    await see(`PUT ${widgets}/one`, { ...made, spec: { color: 'blue' }, status: { phase: 'y' } }, { show: both });
  },
  'status: a JSON patch': async ({ call, see }) => {
    await call(`POST ${widgets}`, aWidget('one'));
    await see(
      `PATCH ${widgets}/one/status`,
      [
        { op: 'add', path: '/status', value: { phase: 'x' } },
        { op: 'replace', path: '/spec/color', value: 'blue' },
      ],
      { ...json, show: both },
    );
  },
  'status: removing it': async ({ call, see }) => {
    await call(`POST ${widgets}`, aWidget('one'));
    await call(`PATCH ${widgets}/one/status`, { status: { phase: 'x' } }, merge);
    await see(`PATCH ${widgets}/one/status`, { status: null }, { ...merge, show: both });
  },
  'status: with an old resourceVersion': async ({ call, see }) => {
    const made = await call(`POST ${widgets}`, aWidget('one'));
    await call(`PATCH ${widgets}/one`, { spec: { color: 'blue' } }, merge);
    await see(`PUT ${widgets}/one/status`, { ...made, status: { phase: 'x' } });
  },
  'status: get': async ({ call, see }) => {
    await call(`POST ${widgets}`, aWidget('one'));
    await see(`GET ${widgets}/one/status`, undefined, { show: both });
  },
  'status: of a missing object': ({ see }) => see(`PATCH ${widgets}/none/status`, { status: {} }, merge),
  'status: cannot be deleted': async ({ call, see }) => {
    await call(`POST ${widgets}`, aWidget('one'));
    await see(`DELETE ${widgets}/one/status`);
  },
  'status: of a Deployment': async ({ call, see }) => {
    await call(`POST ${deployments}`, deployment('one', { paused: true }));
    await see(
      `PATCH ${deployments}/one/status`,
      { spec: { replicas: 9 }, status: { collisionCount: 7 } },
      { ...merge, show: ({ spec, status }) => [spec.replicas, status.collisionCount] },
    );
  },
  'scale: of a Deployment': async ({ call, see }) => {
    await call(`POST ${deployments}`, deployment('one'));
    await see(`GET ${deployments}/one/scale`, undefined, { show: scale });
  },
  'scale: patched': async ({ call, see }) => {
    await call(`POST ${deployments}`, deployment('one', { paused: true }));
    await see(`PATCH ${deployments}/one/scale`, { spec: { replicas: 2 } }, { ...merge, show: ({ spec }) => spec });
    await see(`GET ${deployments}/one`, undefined, { show: ({ spec }) => spec.replicas });
  },
  'scale: updated': async ({ call, see }) => {
    await call(`POST ${deployments}`, deployment('one', { paused: true }));
    const current = await call(`GET ${deployments}/one/scale`);
    await see(
      `PUT ${deployments}/one/scale`,
      { ...current, metadata: { ...current.metadata, resourceVersion: undefined }, spec: { replicas: 1 } },
      { show: ({ spec }) => spec },
    );
  },
  'scale: negative': async ({ call, see }) => {
    await call(`POST ${deployments}`, deployment('one', { paused: true }));
    await see(`PATCH ${deployments}/one/scale`, { spec: { replicas: -1 } }, merge);
  },
  'scale: of a custom resource': async ({ call, see }) => {
    await call(`POST ${widgets}`, aWidget('one', { color: 'red', replicas: 2 }));
    await call(`PATCH ${widgets}/one/status`, { status: { replicas: 1, selector: 'a=b' } }, merge);
    await see(`GET ${widgets}/one/scale`);
    await see(
      `PATCH ${widgets}/one/scale?fieldManager=hpa`,
      { spec: { replicas: 5 } },
      { ...merge, show: ({ spec, status }) => [spec, status] },
    );
    await see(`GET ${widgets}/one`);
  },
  'scale: of a custom resource without replicas': async ({ call, see }) => {
    await call(`POST ${widgets}`, aWidget('one'));
    await see(`GET ${widgets}/one/scale`);
  },
  'an unknown subresource': async ({ call, see }) => {
    await call(`POST ${widgets}`, aWidget('one'));
    await see(`GET ${widgets}/one/other`);
  },
  'token of a service account': async ({ see }) =>
    see(
      'POST /api/v1/namespaces/NS/serviceaccounts/default/token',
      review('TokenRequest', { audiences: ['somebody'], expirationSeconds: 3600 }, 'authentication.k8s.io'),
      {
        show: ({ kind, apiVersion, spec, status }) => [kind, apiVersion, spec, String(status.token).split('.').length],
      },
    ),
  'token of a service account that does not exist': ({ see }) =>
    see('POST /api/v1/namespaces/NS/serviceaccounts/none/token', review('TokenRequest', {}, 'authentication.k8s.io')),
  'may I do this': ({ see }) =>
    see(
      'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      review('SelfSubjectAccessReview', { resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'NS' } }),
      { show: ({ kind, status }) => [kind, status.allowed] },
    ),
  'a review of nothing': ({ see }) =>
    see('POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews', review('SelfSubjectAccessReview', {})),
  'who am I': ({ see }) =>
    see(
      'POST /apis/authentication.k8s.io/v1/selfsubjectreviews',
      { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
      { show: ({ kind, status }) => [kind, status.userInfo.groups.includes('system:authenticated')] },
    ),
  'whose token is this: nobody’s': ({ see }) =>
    see(
      'POST /apis/authentication.k8s.io/v1/tokenreviews',
      review('TokenReview', { token: 'nonsense' }, 'authentication.k8s.io'),
      { show: ({ status }) => status.authenticated ?? false },
    ),
  'reviews cannot be read': ({ see }) => see('GET /apis/authorization.k8s.io/v1/selfsubjectaccessreviews'),
};
