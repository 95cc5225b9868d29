/** A server with a plain HTTP client, for the tests of this package. */
import { type EmbeddedKube, type EmbeddedKubeOptions, startEmbeddedKube } from '../start.ts';
import type { KubeJson } from '../object/json.ts';

/** JSON of which a test knows the shape. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Loose = any;

export interface Answer {
  code: number;
  body: Loose;
  warnings: string[];
  text: string;
}

export interface Session {
  server: EmbeddedKube;
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body: unknown): Promise<Answer>;
  put(path: string, body: unknown): Promise<Answer>;
  delete(path: string, body?: unknown): Promise<Answer>;
  patch(path: string, type: 'json' | 'merge' | 'strategic', body: unknown): Promise<Answer>;
  apply(path: string, manager: string, body: unknown, options?: { force?: boolean; dryRun?: boolean }): Promise<Answer>;
  /** Polls until `done` holds; fails after five seconds. */
  until(path: string, done: (answer: Answer) => boolean): Promise<Answer>;
  /** Events of a watch as they come; ends the watch when the loop ends. */
  watch(path: string): AsyncGenerator<{ type: string; object: Loose }>;
}

const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
};

export async function startSession(options: EmbeddedKubeOptions = {}): Promise<Session> {
  const server = await startEmbeddedKube({ simulate: false, ...options });
  const request: Session['request'] = async (method, path, body, headers = {}) => {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(server.url + path, {
      method,
      body: text,
      headers: {
        'User-Agent': 'test/1',
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
    });
    const answer = await response.text();
    let parsed: Loose = {};
    try {
      parsed = JSON.parse(answer);
    } catch {
      // Not every answer is JSON.
    }
    const warnings = [...(response.headers.get('warning') ?? '').matchAll(/299 - "((?:\\.|[^"\\])*)"/g)].map((match) =>
      match[1]!.replaceAll('\\"', '"'),
    );
    return { code: response.status, body: parsed, warnings, text: answer };
  };
  const session: Session = {
    server,
    request,
    get: (path, headers) => request('GET', path, undefined, headers),
    post: (path, body) => request('POST', path, body),
    put: (path, body) => request('PUT', path, body),
    delete: (path, body) => request('DELETE', path, body),
    patch: (path, type, body) => request('PATCH', path, body, { 'Content-Type': patchTypes[type] }),
    apply: (path, manager, body, { force = false, dryRun = false } = {}) => {
      const query = new URLSearchParams({
        fieldManager: manager,
        ...(force ? { force: 'true' } : {}),
        ...(dryRun ? { dryRun: 'All' } : {}),
      });
      return request('PATCH', `${path}?${query}`, body, { 'Content-Type': 'application/apply-patch+yaml' });
    },
    until: async (path, done) => {
      const deadline = Date.now() + 5000;
      for (;;) {
        const answer = await request('GET', path);
        if (done(answer)) return answer;
        if (Date.now() > deadline) throw new Error(`nothing came of waiting for ${path}: ${answer.text}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    async *watch(path) {
      const controller = new AbortController();
      try {
        const response = await fetch(server.url + path, { signal: controller.signal });
        let rest = '';
        const decoder = new TextDecoder();
        for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
          const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
          rest = lines.pop()!;
          for (const line of lines) yield JSON.parse(line);
        }
        if (rest !== '') yield JSON.parse(rest);
      } finally {
        controller.abort();
      }
    },
  };
  return session;
}

/** A ConfigMap in `default`. */
export function configMap(name: string, data: Record<string, string> = {}, metadata: object = {}): KubeJson {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data };
}

export const configMaps = '/api/v1/namespaces/default/configmaps';
export const deployments = '/apis/apps/v1/namespaces/default/deployments';

export function deployment(name: string, extra: Record<string, unknown> = {}): Loose {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'main', image: 'example/app:1' }] },
      },
      ...extra,
    },
  };
}

/** A CustomResourceDefinition of `Widget` in `example.com/v1` with status, whose spec has the given schema. */
export function widgetCrd(spec: Record<string, unknown>, version: Record<string, unknown> = {}): Loose {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'widgets', kind: 'Widget', shortNames: ['wd'] },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                spec: { type: 'object', ...spec },
                status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
              },
            },
          },
          ...version,
        },
      ],
    },
  };
}

export const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
export const widgets = '/apis/example.com/v1/namespaces/default/widgets';
