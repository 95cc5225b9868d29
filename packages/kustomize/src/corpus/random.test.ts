import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { messageOf } from '../errors.ts';
import { buildText } from './cases.ts';
import { randomTree } from './random.ts';

const binary = process.env.KUSTOMIZE_BIN;
const count = Number(process.env.KUSTOMIZE_RANDOM ?? 100);
const first = Number(process.env.KUSTOMIZE_SEED ?? 1);

/** What a build gave: its text, or that it failed. */
type Outcome = { text: string } | { failure: string };

function outcome(run: () => string): Outcome {
  try {
    return { text: run() };
  } catch (error) {
    return { failure: (error as { stderr?: string }).stderr ?? messageOf(error) };
  }
}

const run = binary === undefined ? test.skip : test;

run(
  `random overlays build as with the reference (skipped without KUSTOMIZE_BIN), seeds ${first} to ${first + count - 1}`,
  () => {
    const root = realpathSync(mkdtempSync(join(tmpdir(), 'kustomize-random-')));
    try {
      for (let seed = first; seed < first + count; seed++) {
        const directory = join(root, String(seed));
        for (const [path, content] of Object.entries(randomTree(seed))) {
          mkdirSync(dirname(join(directory, path)), { recursive: true });
          writeFileSync(join(directory, path), content);
        }
        const target = join(directory, 'overlay');
        const reference = outcome(() =>
          execFileSync(binary!, ['build', target], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }),
        );
        const ours = outcome(() => buildText(target, directory));
        if ('text' in reference) expect({ seed, ...ours }).toEqual({ seed, ...reference });
        else expect({ seed, ours, reference }).toMatchObject({ ours: { failure: expect.any(String) } });
      }
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  },
  600_000,
);
