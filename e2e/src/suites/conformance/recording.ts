/** Answers of the real API server, on record: `testdata/conformance/<topic>.yaml`. */
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { dump, load } from 'js-yaml';
import type { Seen } from './script.ts';

const folder = resolve(import.meta.dirname, '../../../testdata/conformance');

/** Set to write the recording anew from what a real control plane answers, instead of checking it. */
export const recording = process.env.RECORD_CONFORMANCE === '1';

type Recorded = Record<string, Seen[]>;

/** The recorded answers of a topic, by case. */
export function recorded(topic: string): Recorded {
  try {
    return load(readFileSync(join(folder, `${topic}.yaml`), 'utf8')) as Recorded;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

export async function record(topic: string, answers: Recorded): Promise<void> {
  await mkdir(folder, { recursive: true });
  const text = dump(answers, { noRefs: true, lineWidth: 120, sortKeys: false });
  await writeFile(join(folder, `${topic}.yaml`), `# Answers of Kubernetes 1.35; see e2e/README.md\n${text}`);
}

/** Where two answers differ, one line for each place. */
export function compare(path: string, recordedValue: unknown, value: unknown): string[] {
  if (isContainer(recordedValue) && isContainer(value) && Array.isArray(recordedValue) === Array.isArray(value)) {
    const names = new Set([...Object.keys(recordedValue), ...Object.keys(value)]);
    return [...names].flatMap((name) =>
      compare(path === '' ? name : `${path}.${name}`, recordedValue[name], value[name]),
    );
  }
  return Object.is(recordedValue, value) ? [] : [`${path}: recorded ${text(recordedValue)}, answered ${text(value)}`];
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function text(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
