import { getHeapSnapshot } from 'node:v8';
import { Session } from 'node:inspector/promises';
import { fastify, type FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import { sleep } from '../time/clock.ts';

const profiles = ['cmdline', 'profile', 'symbol', 'trace', 'heap', 'goroutine', 'threadcreate', 'block', 'mutex'];
const longestProfileSeconds = 120;

/** `/metrics`, and under `/debug/pprof/` what Node can tell; the rest answers 501 (RTM-436, RTM-437). */
export function metricsServer(registry: Registry): FastifyInstance {
  const server = fastify({ forceCloseConnections: true });
  server.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()));
  server.get('/debug/pprof/', (_request, reply) => reply.type('text/plain').send(`${profiles.join('\n')}\n`));
  server.get('/debug/pprof/cmdline', (_request, reply) => reply.type('text/plain').send(process.argv.join('\0')));
  server.get('/debug/pprof/heap', (_request, reply) =>
    reply
      .type('application/json')
      .header('Content-Disposition', 'attachment; filename="heap.heapsnapshot"')
      .send(getHeapSnapshot()),
  );
  let profiling = false;
  server.get<{ Querystring: { seconds?: string } }>('/debug/pprof/profile', async (request, reply) => {
    const seconds = Math.min(Math.max(Number(request.query.seconds ?? 30) || 30, 1), longestProfileSeconds);
    if (profiling) return reply.code(409).type('text/plain').send('a profile is being taken already\n');
    profiling = true;
    try {
      const profile = await cpuProfile(seconds);
      return reply
        .type('application/json')
        .header('Content-Disposition', 'attachment; filename="cpu.cpuprofile"')
        .send(JSON.stringify(profile));
    } finally {
      profiling = false;
    }
  });
  server.get<{ Params: { profile: string } }>('/debug/pprof/:profile', (request, reply) => {
    const { profile } = request.params;
    if (!profiles.includes(profile)) return reply.code(404).type('text/plain').send('unknown profile\n');
    return reply.code(501).type('text/plain').send(`Node.js has no '${profile}' profile; there are profile and heap\n`);
  });
  return server;
}

async function cpuProfile(seconds: number): Promise<unknown> {
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.start');
    await sleep(seconds * 1000);
    return (await session.post('Profiler.stop')).profile;
  } finally {
    session.disconnect();
  }
}
