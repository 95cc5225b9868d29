import type { ObjectState } from './state.ts';

const marks = { ready: '✔', progressing: '…', failed: '✘', suspended: '⏸' } as const;
const colours = { ready: 32, progressing: 33, failed: 31, suspended: 36 } as const;

/** The table as lines of at most `width` columns. */
export function renderTable(states: ObjectState[], width: number, colour: boolean): string[] {
  const cells = states.map((state) => [`${'  '.repeat(state.depth)}${state.object}`, state.namespace, state.revision]);
  const header = ['OBJECT', 'NAMESPACE', 'REVISION'];
  const widths = header.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column]!.length)));
  const line = (mark: string, row: string[], message: string) =>
    clip(`${mark} ${row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ')}  ${message}`, width);
  return [
    line(' ', header, 'STATUS'),
    ...states.map((state, index) => {
      const text = line(marks[state.phase], cells[index]!, state.message);
      return colour ? `\u001b[${colours[state.phase]}m${text}\u001b[0m` : text;
    }),
  ];
}

function clip(text: string, width: number): string {
  const flat = text.replace(/\s*\n\s*/g, ' ').trimEnd();
  return flat.length <= width ? flat : `${flat.slice(0, Math.max(0, width - 1))}…`;
}

/** Where a table goes: redrawn in place on a terminal, one line per change elsewhere. */
export interface TableView {
  show(states: ObjectState[]): void;
}

/** Redraws the whole table over its last copy. */
export function terminalView(out: NodeJS.WriteStream): TableView {
  let drawn = 0;
  return {
    show(states) {
      const height = Math.max(4, (out.rows ?? 24) - 1);
      const lines = renderTable(states, out.columns ?? 120, true);
      const visible =
        lines.length > height ? [...lines.slice(0, height - 1), `  … ${lines.length - height + 1} more`] : lines;
      out.write(`${drawn > 0 ? `\u001b[${drawn}A` : ''}\r\u001b[J${visible.join('\n')}\n`);
      drawn = visible.length;
    },
  };
}

/** Prints a line whenever an object's phase, revision or message changes: for logs and pipes. */
export function lineView(write: (line: string) => void): TableView {
  const last = new Map<string, string>();
  return {
    show(states) {
      for (const state of states) {
        const key = `${state.object} ${state.namespace}`;
        const text = `${marks[state.phase]} ${state.object}${state.namespace ? ` (${state.namespace})` : ''}: ${state.message || state.phase}`;
        if (last.get(key) !== text) write(text.replace(/\s*\n\s*/g, ' '));
        last.set(key, text);
      }
    },
  };
}
