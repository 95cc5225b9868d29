import { Registry } from 'prom-client';
import { exponentialBackoff } from '../queue/backoff.ts';
import { createWorkQueue } from '../queue/queue.ts';
import { reconcileDurationBuckets, queueBuckets } from './buckets.ts';
import { controllerMetricsIn } from './controller.ts';
import { registerProcessMetrics } from './process.ts';
import { metricsServer } from './server.ts';

function setup() {
  const registry = new Registry();
  const metrics = controllerMetricsIn(registry)('GitRepository');
  const text = async () => (await registry.metrics()).split('\n');
  return { registry, metrics, text };
}

test('RTM-452: ten exponential bounds from 10 ms to 30 min', () => {
  expect(reconcileDurationBuckets).toHaveLength(10);
  expect(reconcileDurationBuckets[1]).toBeCloseTo(0.03836, 5);
  expect(reconcileDurationBuckets[5]).toBeCloseTo(8.3099, 4);
  expect(reconcileDurationBuckets[9]).toBeCloseTo(1800, 6);
});

test('RTM-452, RTM-564: one series per object, gone with the object', async () => {
  const { metrics, text } = setup();
  metrics.objectReconciled('a', 'b', 1500);
  const series = 'gotk_reconcile_duration_seconds_count{kind="GitRepository",name="a",namespace="b"} 1';
  expect(await text()).toContain(series);
  metrics.objectGone('a', 'b');
  expect((await text()).join('\n')).not.toContain('name="a"');
});

test('RTM-463, RTM-464, RTM-465, RTM-466: results are counted, starting from zero', async () => {
  const { metrics, text } = setup();
  for (const result of ['success', 'error', 'requeue', 'requeue_after'])
    expect(await text()).toContain(
      `controller_runtime_reconcile_total{controller="gitrepository",result="${result}"} 0`,
    );
  metrics.runEnded('error', 10, { terminal: true, panic: true });
  metrics.runEnded('success', 10);
  const lines = await text();
  expect(lines).toContain('controller_runtime_reconcile_total{controller="gitrepository",result="error"} 1');
  expect(lines).toContain('controller_runtime_reconcile_errors_total{controller="gitrepository"} 1');
  expect(lines).toContain('controller_runtime_terminal_reconcile_errors_total{controller="gitrepository"} 1');
  expect(lines).toContain('controller_runtime_reconcile_panics_total{controller="gitrepository"} 1');
  expect(lines).toContain('controller_runtime_reconcile_time_seconds_count{controller="gitrepository"} 2');
});

test('RTM-468, RTM-469, RTM-470, RTM-471, RTM-472, RTM-473: the queue, by name and controller', async () => {
  const { metrics, text } = setup();
  const queue = createWorkQueue({
    concurrent: 1,
    backoff: exponentialBackoff(1, 1),
    observer: metrics.queue,
    work: () => new Promise(() => {}),
  });
  metrics.observe(queue);
  metrics.timedOut();
  queue.start();
  for (const key of ['a', 'b', 'c']) queue.add(key);
  const lines = await text();
  const labels = 'name="gitrepository",controller="gitrepository"';
  expect(lines).toContain('controller_runtime_max_concurrent_reconciles{controller="gitrepository"} 1');
  expect(lines).toContain('controller_runtime_active_workers{controller="gitrepository"} 1');
  expect(lines).toContain('controller_runtime_reconcile_timeouts_total{controller="gitrepository"} 1');
  expect(lines).toContain(`workqueue_depth{${labels},priority="0"} 2`);
  expect(lines).toContain(`workqueue_adds_total{${labels}} 3`);
  expect(lines).toContain(`workqueue_retries_total{${labels}} 0`);
  expect(lines).toContain(`workqueue_queue_duration_seconds_count{${labels}} 1`);
  expect(lines.some((line) => line.startsWith(`workqueue_unfinished_work_seconds{${labels}}`))).toBe(true);
  expect(lines.some((line) => line.startsWith(`workqueue_longest_running_processor_seconds{${labels}}`))).toBe(true);
  expect([queueBuckets[0], queueBuckets.at(-1), queueBuckets.length]).toEqual([1e-8, 1e3, 12]);
});

test('RTM-436, RTM-476, RTM-477: /metrics has the process, the event loop and the shims', async () => {
  const registry = new Registry();
  registerProcessMetrics(registry);
  const { statusCode, headers, body } = await metricsServer(registry).inject('/metrics');
  expect([statusCode, headers['content-type']]).toEqual([200, expect.stringContaining('text/plain')]);
  for (const name of [
    'process_cpu_seconds_total',
    'process_resident_memory_bytes',
    'process_start_time_seconds',
    'process_open_fds',
    'go_memstats_alloc_bytes',
    'go_info',
    'go_goroutines',
    'nodejs_eventloop_lag_p99_seconds',
  ])
    expect(body).toMatch(new RegExp(`^${name}(\\{.*\\})? \\S+$`, 'm'));
});

test('RTM-437: what Node can profile is there, the rest says so', async () => {
  const server = metricsServer(new Registry());
  expect((await server.inject('/debug/pprof/')).body).toContain('goroutine');
  expect((await server.inject('/debug/pprof/cmdline')).statusCode).toBe(200);
  expect(JSON.parse((await server.inject('/debug/pprof/profile?seconds=1')).body)).toHaveProperty('nodes');
  for (const name of ['goroutine', 'mutex', 'block', 'threadcreate', 'trace', 'symbol'])
    expect((await server.inject(`/debug/pprof/${name}`)).statusCode).toBe(501);
  expect((await server.inject('/debug/pprof/nope')).statusCode).toBe(404);
});
