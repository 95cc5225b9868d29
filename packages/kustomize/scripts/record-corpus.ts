/**
 * Records what the reference implementation makes of the corpus:
 *
 *     KUSTOMIZE_BIN=/path/to/kustomize node packages/kustomize/scripts/record-corpus.ts [TOPIC/CASE…]
 *
 * Use kustomize 5.8.1. Paths in messages are written relative to `/corpus`.
 */
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CORPUS, corpusCase, corpusNames } from '../src/corpus/cases.ts';

const binary = process.env.KUSTOMIZE_BIN;
if (!binary) {
  console.error('set KUSTOMIZE_BIN to the reference binary');
  process.exit(2);
}

const wanted = process.argv.slice(2);
for (const name of wanted.length > 0 ? wanted : corpusNames()) {
  const { directory, target, options } = corpusCase(name);
  const restriction = options.loadRestriction === 'none' ? ['--load-restrictor', 'LoadRestrictionsNone'] : [];
  for (const file of ['expected.yaml', 'expected-error.txt']) rmSync(join(directory, file), { force: true });
  try {
    const text = execFileSync(binary, ['build', target, ...restriction], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    writeFileSync(join(directory, 'expected.yaml'), text);
  } catch (error) {
    const { stderr } = error as { stderr: string };
    // Where the reference crashes, its stack says nothing that holds on another machine.
    const message = stderr.replaceAll(CORPUS, '/corpus').replace(/\n\ngoroutine \d+[\s\S]*$/, '\n');
    writeFileSync(join(directory, 'expected-error.txt'), message);
  }
}
