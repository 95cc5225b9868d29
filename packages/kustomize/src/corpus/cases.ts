import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from '../build/build.ts';
import { type BuildOptions } from '../build/options.ts';
import { directoryFileSystem } from '../filesystem/directory.ts';
import { toYaml } from '../output/yaml.ts';

/** Directories of inputs with what the reference implementation made of them. */
export const CORPUS = resolve(import.meta.dirname, '../../testdata/corpus');

/** One directory of the corpus. */
export interface Case {
  name: string;
  directory: string;
  /** What is built: the directory itself, or its `overlay`. */
  target: string;
  options: { loadRestriction?: 'none' };
}

export function corpusCase(name: string): Case {
  const directory = join(CORPUS, name);
  const overlay = join(directory, 'overlay');
  const options = join(directory, 'options.json');
  return {
    name,
    directory,
    target: existsSync(overlay) ? overlay : directory,
    options: existsSync(options) ? (JSON.parse(readFileSync(options, 'utf8')) as Case['options']) : {},
  };
}

/** Names of all cases, as `topic/case`. */
export function corpusNames(): string[] {
  return readdirSync(CORPUS)
    .sort()
    .flatMap((topic) =>
      readdirSync(join(CORPUS, topic))
        .sort()
        .map((name) => `${topic}/${name}`),
    );
}

/** A directory of the corpus as text, or undefined where the case has no such file. */
export function readCaseFile(directory: string, file: string): string | undefined {
  const path = join(directory, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

/** What the reference's command line does where it differs from the library (KZE-3, KZE-4). */
export const COMMAND_LINE: BuildOptions = {
  reorder: 'unspecified',
  openapiMode: 'replaceBuiltins',
  integers: 'bigint',
};

/** The text that `kustomize build` would print. */
export function buildText(target: string, root: string, options: BuildOptions = {}): string {
  return toYaml(build(directoryFileSystem(root), target, { ...COMMAND_LINE, ...options }).objects);
}
