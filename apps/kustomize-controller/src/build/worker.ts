import { createHash } from 'node:crypto';
import type { UnstructuredObject } from '@gitops-toolkit/api';
import { build, directoryFileSystem, KustomizeError, toYaml } from '@gitops-toolkit/kustomize';
import type { WorkerAnswer } from './builder.ts';
import type { BuildJob } from './request.ts';
import { substituteAll } from './substitution.ts';

/** Runs one build; the entry of a worker thread. */
export default function run(job: BuildJob): WorkerAnswer {
  try {
    const fs = directoryFileSystem(job.directory);
    const { objects, warnings } = build(fs, `${job.directory}${job.path}`, { loadRestriction: 'none' });
    const output = substituteAll(objects as UnstructuredObject[], job);
    const text = toYaml(output);
    const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
    return { output: { objects: output, digest, warnings }, bytes: text.length };
  } catch (error) {
    if (error instanceof KustomizeError) return { problem: `kustomize build failed: ${error.message}` };
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
