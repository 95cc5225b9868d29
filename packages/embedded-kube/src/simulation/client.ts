/** As much of a client as the simulation needs: list, watch and patch over HTTP. */
import type { JsonObject, KubeJson } from '../object/json.ts';

export interface SimulationTarget {
  /** Base URL of the API server. */
  url: string;
  /** Bearer token, when the server wants one. */
  token?: string;
}

/** The user agent, by which a server tells the simulation's requests from others. */
export const simulationAgent = 'simulated-nodes';

export interface ResourcePath {
  /** `v1` or `group/version`. */
  apiVersion: string;
  plural: string;
}

export interface WatchLine {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: KubeJson;
}

const requestTimeout = 30_000;

export class SimulationClient {
  private readonly target: SimulationTarget;
  private readonly signal: AbortSignal;

  constructor(target: SimulationTarget, signal: AbortSignal) {
    this.target = target;
    this.signal = signal;
  }

  async list(path: ResourcePath): Promise<{ items: KubeJson[]; resourceVersion: string }> {
    const list = (await this.json('GET', basePath(path))) as {
      items: KubeJson[];
      metadata: { resourceVersion: string };
    };
    const kind = { apiVersion: path.apiVersion };
    return { items: list.items.map((item) => ({ ...kind, ...item })), resourceVersion: list.metadata.resourceVersion };
  }

  /** Events after a revision, until the server ends the watch. Throws when it cannot go on from there. */
  async *watch(path: ResourcePath, resourceVersion: string): AsyncGenerator<WatchLine> {
    const query = `watch=true&allowWatchBookmarks=true&resourceVersion=${resourceVersion}`;
    const response = await this.fetch('GET', `${basePath(path)}?${query}`, undefined, this.signal);
    let rest = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop()!;
      for (const line of lines) if (line !== '') yield JSON.parse(line) as WatchLine;
    }
  }

  /** Merge patch of an object, or of its status. */
  async patch(path: ResourcePath, object: KubeJson, body: JsonObject, subresource = ''): Promise<void> {
    await this.json('PATCH', `${objectPath(path, object)}${subresource}?fieldManager=kube-controller-manager`, body);
  }

  async create(path: ResourcePath, namespace: string | undefined, object: JsonObject): Promise<void> {
    await this.json('POST', `${basePath(path, namespace)}?fieldManager=kube-controller-manager`, object);
  }

  private async json(method: string, path: string, body?: JsonObject): Promise<unknown> {
    const signal = AbortSignal.any([this.signal, AbortSignal.timeout(requestTimeout)]);
    return (await this.fetch(method, path, body, signal)).json();
  }

  private async fetch(
    method: string,
    path: string,
    body: JsonObject | undefined,
    signal: AbortSignal,
  ): Promise<Response> {
    const headers: Record<string, string> = { 'User-Agent': `${simulationAgent}/1` };
    if (this.target.token !== undefined) headers.Authorization = `Bearer ${this.target.token}`;
    if (body !== undefined)
      headers['Content-Type'] = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const response = await fetch(this.target.url + path, {
      method,
      headers,
      body: body && JSON.stringify(body),
      signal,
    });
    if (response.ok) return response;
    await response.body?.cancel();
    throw new SimulationRequestError(response.status, `${method} ${path} was answered with ${response.status}`);
  }
}

/** A request of the simulation was refused. */
export class SimulationRequestError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.name = 'SimulationRequestError';
    this.code = code;
  }
}

function basePath({ apiVersion, plural }: ResourcePath, namespace?: string): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return namespace === undefined ? `${root}/${plural}` : `${root}/namespaces/${namespace}/${plural}`;
}

function objectPath(path: ResourcePath, object: KubeJson): string {
  return `${basePath(path, object.metadata.namespace)}/${object.metadata.name}`;
}
