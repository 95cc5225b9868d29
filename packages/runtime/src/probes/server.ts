import { fastify, type FastifyInstance } from 'fastify';
import { probe, type Check } from './checks.ts';

/** Checks by endpoint. */
export interface Probes {
  healthz: Map<string, Check>;
  readyz: Map<string, Check>;
}

/** `/healthz` and `/readyz`, each with `?verbose`, `?exclude=` and a path per check (RTM-438…441). */
export function probeServer(probes: Probes): FastifyInstance {
  const server = fastify({ forceCloseConnections: true });
  for (const name of ['healthz', 'readyz'] as const) {
    server.get<{ Querystring: { verbose?: string; exclude?: string | string[] }; Params: { check?: string } }>(
      `/${name}/:check?`,
      async (request, reply) => {
        const { verbose, exclude = [] } = request.query;
        const only = request.params.check || undefined;
        const answer = await probe(
          name,
          probes[name],
          { verbose: verbose !== undefined, exclude: [exclude].flat() },
          only,
        );
        return reply.code(answer.status).type('text/plain; charset=utf-8').send(answer.body);
      },
    );
  }
  return server;
}
