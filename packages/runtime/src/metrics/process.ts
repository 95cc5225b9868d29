import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client';

/**
 * Process metrics, event-loop delay (`nodejs_eventloop_lag_*`), and the Go series that public dashboards query, with
 * what comes closest here (RTM-476, RTM-477).
 */
export function registerProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const allocated: Gauge = new Gauge({
    name: 'go_memstats_alloc_bytes',
    help: 'Bytes of live and not yet collected objects on the JavaScript heap.',
    registers,
    collect: () => allocated.set(process.memoryUsage().heapUsed),
  });
  const tasks: Gauge = new Gauge({
    name: 'go_goroutines',
    help: 'Pending operations of the event loop.',
    registers,
    collect: () => tasks.set(process.getActiveResourcesInfo().length),
  });
  new Gauge({ name: 'go_info', help: 'The language runtime.', labelNames: ['version'], registers }).set(
    { version: `node${process.version}` },
    1,
  );
}
