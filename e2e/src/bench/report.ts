/** Results as people and as programs read them. */
import type { Usage } from './measure.ts';

export interface Pass {
  name: string;
  wallSeconds: number;
  controllers: Record<string, Usage>;
  /** Requests as the server counted them, by `<client> <verb> <resource>`; absent where it does not tell clients apart. */
  verbs?: Record<string, number>;
}

export interface Results {
  kustomizations: number;
  objects: number;
  controlPlane: string;
  cores: number;
  passes: Pass[];
}

/** Methods that change something. */
const writes = ['POST', 'PUT', 'PATCH', 'DELETE'];

export const writesOf = ({ requests }: Usage) => writes.reduce((total, method) => total + (requests[method] ?? 0), 0);
export const readsOf = ({ requests }: Usage) => requests.GET ?? 0;

/** The results as Markdown tables. */
export function markdown(results: Results): string {
  const { kustomizations, objects, controlPlane, cores, passes } = results;
  const rows = passes.flatMap(({ name, controllers }) =>
    Object.entries(controllers).map(([controller, usage]) => [
      name,
      controller,
      usage.cpuSeconds.toFixed(2),
      `${Math.round(usage.peakMemoryBytes / 1024 / 1024)} MiB`,
      `${Math.round(usage.eventLoopDelayP99Seconds * 1000)} ms`,
      String(usage.runs),
      String(readsOf(usage)),
      String(writesOf(usage)),
    ]),
  );
  const lines = [
    `${kustomizations} Kustomizations of ${objects} objects from one source, ${controlPlane} API server, ${cores} cores`,
    '',
    table(
      ['pass', 'wall time'],
      passes.map(({ name, wallSeconds }) => [name, `${wallSeconds.toFixed(1)} s`]),
    ),
    '',
    table(['pass', 'controller', 'CPU s', 'peak RSS', 'event-loop delay p99', 'runs', 'reads', 'writes'], rows),
  ];
  const verbs = passes.flatMap(({ name, verbs: counts = {} }) =>
    Object.entries(counts).map(([key, count]) => [name, ...key.split(' '), String(count)]),
  );
  if (verbs.length > 0) lines.push('', table(['pass', 'client', 'verb', 'resource', 'API requests'], verbs));
  return lines.join('\n');
}

function table(header: string[], rows: string[][]): string {
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
