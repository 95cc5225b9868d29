/** Counts of requests, for benchmarks and for tests that hold a client to its word. */
export interface RequestCount {
  verb: string;
  resource: string;
  code: number;
  /** First part of the client's user agent. */
  client: string;
  count: number;
}

export class Stats {
  private counts = new Map<string, RequestCount>();

  record(verb: string, resource: string, code: number, client: string): void {
    const key = `${verb} ${resource} ${code} ${client}`;
    const entry = this.counts.get(key);
    if (entry === undefined) this.counts.set(key, { verb, resource, code, client, count: 1 });
    else entry.count++;
  }

  /** Every combination seen since the start or the last reset. */
  all(): RequestCount[] {
    return [...this.counts.values()].map((entry) => ({ ...entry }));
  }

  reset(): void {
    this.counts = new Map();
  }

  /** The counts as Prometheus text. */
  metrics(): string {
    const lines = [
      '# HELP apiserver_request_total Requests by verb, resource and code.',
      '# TYPE apiserver_request_total counter',
    ];
    for (const { verb, resource, code, client, count } of this.counts.values()) {
      lines.push(
        `apiserver_request_total{client="${client}",code="${code}",resource="${resource}",verb="${verb}"} ${count}`,
      );
    }
    return `${lines.join('\n')}\n`;
  }
}
