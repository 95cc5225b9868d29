/** Reviews and tokens: every caller is an administrator here, so the answers are simple. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { schema } from '@gitops-toolkit/api';
import type { JsonObject } from '../object/json.ts';
import { badRequest, invalidObject, notFound } from '../status/errors.ts';
import type { Cluster } from '../verbs/cluster.ts';

/** Signs and checks the tokens of service accounts. */
export class Tokens {
  private readonly key = randomBytes(32);

  issue(namespace: string, name: string, uid: string, audiences: string[], expires: number): string {
    const payload = {
      iss: 'https://kubernetes.default.svc',
      sub: `system:serviceaccount:${namespace}:${name}`,
      aud: audiences,
      exp: expires,
      iat: Math.floor(Date.now() / 1000),
      'kubernetes.io': { namespace, serviceaccount: { name, uid } },
    };
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const content = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(payload)}`;
    return `${content}.${this.sign(content)}`;
  }

  /** User name and UID of a token that this server issued and that has not expired. */
  check(token: string): { username: string; uid: string; groups: string[] } | undefined {
    const [header, payload, signature] = token.split('.');
    if (!header || !payload || !signature) return undefined;
    const expected = Buffer.from(this.sign(`${header}.${payload}`));
    const given = Buffer.from(signature);
    if (expected.length !== given.length || !timingSafeEqual(expected, given)) return undefined;
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as {
      sub: string;
      exp: number;
      'kubernetes.io': { namespace: string; serviceaccount: { uid: string } };
    };
    if (claims.exp * 1000 < Date.now()) return undefined;
    const { namespace, serviceaccount } = claims['kubernetes.io'];
    return {
      username: claims.sub,
      uid: serviceaccount.uid,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    };
  }

  private sign(content: string): string {
    return createHmac('sha256', this.key).update(content).digest('base64url');
  }
}

/** POST of a TokenRequest for a service account. Throws 404. */
export function requestToken(cluster: Cluster, tokens: Tokens, namespace: string, name: string, body: unknown): object {
  const account = cluster.store.collection('/serviceaccounts').get(`${namespace}/${name}`)?.object;
  if (account === undefined) throw notFound({ group: '', plural: 'serviceaccounts', kind: 'ServiceAccount' }, name);
  const spec = (schema.isObject(body) && schema.isObject(body.spec) ? body.spec : {}) as {
    audiences?: string[];
    expirationSeconds?: number;
  };
  const seconds = spec.expirationSeconds ?? 3600;
  const audiences = spec.audiences?.length ? spec.audiences : ['https://kubernetes.default.svc'];
  const expires = Math.floor(Date.now() / 1000) + seconds;
  return {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name, namespace, creationTimestamp: null },
    spec: { boundObjectRef: null, ...spec, audiences, expirationSeconds: seconds },
    status: {
      token: tokens.issue(namespace, name, account.metadata.uid!, audiences, expires),
      expirationTimestamp: new Date(expires * 1000).toISOString().replace(/\.\d+Z/, 'Z'),
    },
  };
}

const administrator = { username: 'admin', groups: ['system:masters', 'system:authenticated'] };

/** POST of a review. Throws 400. */
export function review(kind: string, tokens: Tokens, body: unknown): object {
  if (!schema.isObject(body)) throw badRequest(`the body is not a ${kind}`);
  const answer = (status: JsonObject) => ({
    ...body,
    metadata: { creationTimestamp: null, ...(body.metadata as object) },
    status,
  });
  switch (kind) {
    case 'TokenReview': {
      const token = schema.isObject(body.spec) ? String(body.spec.token ?? '') : '';
      const user = tokens.check(token);
      return answer(user ? { authenticated: true, user } : { authenticated: false, error: 'invalid bearer token' });
    }
    case 'SelfSubjectReview':
      return answer({ userInfo: administrator });
    case 'SelfSubjectRulesReview':
      return answer({
        resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
        nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
        incomplete: false,
      });
    default: {
      const spec = schema.isObject(body.spec) ? body.spec : {};
      if ((spec.resourceAttributes === undefined) === (spec.nonResourceAttributes === undefined)) {
        const text = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
        const issue = schema.invalid('spec.resourceAttributes', spec.resourceAttributes ?? null, text);
        throw invalidObject({ group: 'authorization.k8s.io', plural: '', kind: '' }, '', [issue]);
      }
      return answer({ allowed: true });
    }
  }
}
