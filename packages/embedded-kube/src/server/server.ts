/** The HTTP server around a cluster. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { aggregated, coreVersions, group, groupList, resourceList } from '../discovery/documents.ts';
import { openApiIndex, openApiV2, openApiV3 } from '../discovery/openapi.ts';
import { badRequest, noSuchResource, unauthorized } from '../status/errors.ts';
import type { Cluster } from '../verbs/cluster.ts';
import { wantsAggregated } from './accept.ts';
import { send, sendPlain, statusOf } from './answer.ts';
import { Api, type Asked } from './api.ts';
import { parsePath } from './request.ts';
import { Tokens } from './reviews.ts';
import { Stats } from './stats.ts';

export interface ServerOptions {
  /** TCP port; default 0: any free one. */
  port?: number;
  /** Address to listen on; default 127.0.0.1. */
  host?: string;
  /** Require this bearer token (service-account tokens of this server are accepted too). Default: none is required. */
  token?: string;
}

export interface RunningServer {
  url: string;
  stats: Stats;
  /** Ends every connection and stops listening. */
  close(): Promise<void>;
  /** Listens again, at the same address. */
  reopen(): Promise<void>;
}

/** What `/version` says. */
const version = {
  major: '1',
  minor: '35',
  gitVersion: 'v1.35.4+embedded',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '2026-01-01T00:00:00Z',
  goVersion: 'none',
  compiler: 'none',
  platform: `${process.platform}/${process.arch}`,
};

export async function serve(cluster: Cluster, options: ServerOptions): Promise<RunningServer> {
  const stats = new Stats();
  const tokens = new Tokens();
  const api = new Api(cluster, tokens);
  const documents = new Map<string, { generation: number; text: string }>();

  /** A document that changes only with the registry. */
  const cached = (id: string, make: () => object | undefined): object | undefined => {
    const known = documents.get(id);
    if (known !== undefined && known.generation === cluster.registry.generation)
      return JSON.parse(known.text) as object;
    const value = make();
    if (value !== undefined)
      documents.set(id, { generation: cluster.registry.generation, text: JSON.stringify(value) });
    return value;
  };

  const handle = async (request: IncomingMessage, response: ServerResponse, asked: Asked): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    authenticate(request, options.token, tokens);
    let path;
    try {
      path = parsePath(url.pathname);
    } catch {
      throw badRequest('the path of the request has broken escapes');
    }
    if (path !== undefined) return api.serve(path, { request, response, query: url.searchParams }, asked);
    asked.verb = (request.method ?? 'GET').toLowerCase();
    asked.resource = url.pathname;
    document(cluster, url.pathname.replace(/\/+$/, '') || '/', request, response, stats, cached);
  };

  const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 300_000 }, (request, response) => {
    const asked: Asked = { verb: 'unknown', resource: 'unknown' };
    const client = (request.headers['user-agent'] ?? 'unknown').split('/')[0]!;
    response.on('close', () => stats.record(asked.verb, asked.resource, response.statusCode, client));
    handle(request, response, asked).catch((error: unknown) => {
      if (response.headersSent) {
        response.destroy();
        return;
      }
      const status = statusOf(error);
      // What is left of a refused body is not read: the connection cannot carry another request.
      if (!request.complete) response.setHeader('Connection', 'close');
      if (status.code === 429 || status.details?.retryAfterSeconds)
        response.setHeader('Retry-After', String(status.details?.retryAfterSeconds ?? 1));
      send(response, status.code!, status);
    });
  });
  await listen(server, options);
  const { address, port } = server.address() as AddressInfo;
  const again = { host: address, port };
  return {
    reopen: () => listen(server, again),
    url: `http://${address.includes(':') ? `[${address}]` : address}:${port}`,
    stats,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function listen(server: Server, options: ServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}

const openPaths = new Set(['/healthz', '/readyz', '/livez', '/version']);

function authenticate(request: IncomingMessage, token: string | undefined, tokens: Tokens): void {
  if (token === undefined || openPaths.has((request.url ?? '').split('?')[0]!)) return;
  const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (given === token || (given !== undefined && tokens.check(given) !== undefined)) return;
  throw unauthorized();
}

type Cached = (id: string, make: () => object | undefined) => object | undefined;

/** Everything that is not a resource. Throws 404. */
function document(
  cluster: Cluster,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  stats: Stats,
  cached: Cached,
): void {
  const { registry } = cluster;
  const accept = request.headers.accept;
  if (/^\/(healthz|readyz|livez)(\/|$)/.test(path)) return sendPlain(response, 200, 'ok');
  if (path === '/api' || path === '/apis') {
    const form = wantsAggregated(accept);
    if (form !== undefined) {
      const value = cached(`${path} aggregated`, () => aggregated(registry, path === '/api'))!;
      const contentType = `application/json;g=apidiscovery.k8s.io;v=${form};as=APIGroupDiscoveryList`;
      return send(response, 200, { ...value, apiVersion: `apidiscovery.k8s.io/${form}` }, { contentType });
    }
    return send(response, 200, path === '/api' ? coreVersions() : groupList(registry));
  }
  if (path === '/version') return send(response, 200, version);
  if (path === '/metrics') return sendPlain(response, 200, stats.metrics());
  if (path === '/')
    return send(response, 200, {
      paths: ['/api', '/apis', '/healthz', '/livez', '/metrics', '/openapi/v2', '/openapi/v3', '/readyz', '/version'],
    });
  const value = path.startsWith('/openapi/')
    ? openApi(path, cluster, cached)
    : /^\/api\/[^/]+$/.test(path)
      ? resourceList(registry, path.slice('/api/'.length))
      : /^\/apis\/[^/]+$/.test(path)
        ? group(registry, path.slice('/apis/'.length))
        : /^\/apis\/[^/]+\/[^/]+$/.test(path)
          ? resourceList(registry, path.slice('/apis/'.length))
          : undefined;
  // The API server tells a group that it does not know from a version of one that it knows.
  const known = /^\/apis\/([^/]+)\/[^/]+$/.exec(path)?.[1];
  if (value === undefined && known !== undefined && group(registry, known) !== undefined) throw noSuchResource();
  if (value === undefined) return sendPlain(response, 404, '404 page not found\n');
  send(response, 200, value);
}

function openApi(path: string, { registry }: Cluster, cached: Cached): object | undefined {
  if (path === '/openapi/v2') return cached(path, () => openApiV2(registry));
  if (path === '/openapi/v3') return openApiIndex(registry);
  return path.startsWith('/openapi/v3/')
    ? cached(path, () => openApiV3(registry, path.slice('/openapi/v3/'.length)))
    : undefined;
}
