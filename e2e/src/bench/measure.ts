/** Readings of processes and servers, and differences between them. */
import { readFile } from 'node:fs/promises';
import type { KubeClient } from '@gitops-toolkit/kube';
import type { Controller } from '../toolkit/index.ts';

/** Prometheus text as series (name with labels) to value. */
export type Series = Map<string, number>;

/** Reads the Prometheus text format. */
export function parseMetrics(text: string): Series {
  const series: Series = new Map();
  for (const line of text.split('\n')) {
    const match = /^([a-zA-Z_:][^\s{]*(?:\{.*\})?)\s+(\S+)/.exec(line);
    if (match && !line.startsWith('#')) series.set(match[1]!, Number(match[2]));
  }
  return series;
}

/** The sum over the series of a metric whose labels match. */
export function sum(series: Series, metric: string, labels = /(?:)/): number {
  let total = 0;
  for (const [name, value] of series) {
    if (name.replace(/\{.*/, '') === metric && labels.test(name)) total += value;
  }
  return total;
}

/** What is known of a controller at one moment. */
export interface Reading {
  metrics: Series;
  /** Highest resident memory since its start, in bytes. */
  peakMemory: number;
}

export async function read(controller: Controller): Promise<Reading> {
  const [metrics, status] = await Promise.all([
    controller.metrics(),
    readFile(`/proc/${controller.program.pid}/status`, 'utf8').catch(() => ''),
  ]);
  const series = parseMetrics(metrics);
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  // Elsewhere than on Linux, what it takes now must do.
  return { metrics: series, peakMemory: peak ? Number(peak) * 1024 : sum(series, 'process_resident_memory_bytes') };
}

/** What a controller did between two readings. */
export interface Usage {
  cpuSeconds: number;
  peakMemoryBytes: number;
  /** Of the interval since the metrics were last read. */
  eventLoopDelayP99Seconds: number;
  /** Requests to the API server by HTTP method. */
  requests: Record<string, number>;
  /** Reconcile runs. */
  runs: number;
}

export function usageBetween(before: Reading, after: Reading): Usage {
  const difference = (metric: string, labels?: RegExp) =>
    sum(after.metrics, metric, labels) - sum(before.metrics, metric, labels);
  const requests: Record<string, number> = {};
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
    requests[method] = difference('rest_client_requests_total', new RegExp(`method="${method}"`));
  }
  return {
    cpuSeconds: difference('process_cpu_seconds_total'),
    peakMemoryBytes: after.peakMemory,
    eventLoopDelayP99Seconds: sum(after.metrics, 'nodejs_eventloop_lag_p99_seconds'),
    requests,
    runs: difference('controller_runtime_reconcile_total'),
  };
}

/** Requests that an embedded API server answered, by `<client> <verb> <resource>`; undefined for servers that do not say. */
export async function servedRequests(client: KubeClient): Promise<Record<string, number> | undefined> {
  const series = parseMetrics(await client.request<string>('GET', '/metrics'));
  const counts: Record<string, number> = {};
  let tells = false;
  for (const [name, value] of series) {
    const labels = /^apiserver_request_total\{client="([^"]*)".*resource="([^"]*)",verb="([^"]*)"/.exec(name);
    if (!labels) continue;
    tells = true;
    const key = `${labels[1]} ${labels[3]} ${labels[2]}`;
    counts[key] = (counts[key] ?? 0) + value;
  }
  return tells ? counts : undefined;
}
