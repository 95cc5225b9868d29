import { messageOf } from '../errors.ts';
import { buildText, corpusCase, readCaseFile } from './cases.ts';

/**
 * Checks that a case of the corpus builds to the very text that the reference implementation printed, or that both fail: then
 * every line of the case's `facts.txt` is part of both messages (of ours only, where it begins with `ours: `).
 */
export function matchesReference(name: string): void {
  const { directory, target, options } = corpusCase(name);
  const expected = readCaseFile(directory, 'expected.yaml');
  if (expected !== undefined) {
    expect(buildText(target, directory, options)).toBe(expected);
    return;
  }
  const reference = readCaseFile(directory, 'expected-error.txt');
  if (reference === undefined) throw new Error(`${name} has no recorded expectation; run scripts/record-corpus.ts`);
  const message = failure(() => buildText(target, directory, options));
  for (const line of (readCaseFile(directory, 'facts.txt') ?? '').split('\n').filter(Boolean)) {
    const own = line.startsWith('ours: ');
    expect(message).toContain(own ? line.slice('ours: '.length) : line);
    if (!own) expect(reference).toContain(line);
  }
}

function failure(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return messageOf(error);
  }
  throw new Error('the reference fails, but this build does not');
}
