import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import type { UnstructuredObject } from '@gitops-toolkit/api';
import { buildFlux, directoryFileSystem, KustomizeError, toYaml } from '@gitops-toolkit/kustomize';
import type { WorkerAnswer } from './builder.ts';
import type { BuildJob } from './request.ts';
import { substituteAll } from './substitution.ts';

/** Runs one build; the entry of a worker thread. */
export default function run(job: BuildJob): WorkerAnswer {
  try {
    const fs = directoryFileSystem(job.directory);
    const { objects, warnings } = buildFlux(fs, `${job.directory}${job.path}`, job.spec);
    const output = substituteAll(expandLists(objects as UnstructuredObject[]), job);
    output.forEach(requireName);
    const text = toYaml(output);
    const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
    return { output: { objects: output, digest, warnings }, bytes: text.length };
  } catch (error) {
    const message = withoutRoot(error instanceof Error ? error.message : String(error), job.directory);
    return { problem: `${prefixOf(error)}${message}` };
  }
}

/** `List` kinds stand for their items; what is no object of Kubernetes is left out (KUS-139). */
function expandLists(objects: UnstructuredObject[]): UnstructuredObject[] {
  return objects.flatMap((object) => {
    if (object.apiVersion?.startsWith('kustomize.config.k8s.io/')) return [];
    if (!object.kind?.endsWith('List') || !Array.isArray(object.items)) return [object];
    return expandLists(object.items as UnstructuredObject[]);
  });
}

/** @throws Error for an object without a name (KUS-139). */
function requireName(object: UnstructuredObject): void {
  if (object?.apiVersion && object.kind && object.metadata?.name) return;
  throw new Error(`failed to decode Kubernetes apiVersion, kind and name from: ${toYaml([object]).slice(0, 200)}`);
}

/** Tells what is wrong with the input from what is wrong with the builder (KUS-136). */
function prefixOf(error: unknown): string {
  if (error instanceof KustomizeError) return 'kustomize build failed: ';
  const isBug = error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
  return isBug ? 'recovered from kustomize build panic: ' : '';
}

/** Paths as they are in the artifact; where it lies on this machine is nobody's business. */
function withoutRoot(message: string, directory: string): string {
  let text = message;
  for (const root of new Set([directory, realpathSync(directory)])) {
    text = text.replaceAll(`${root}/`, '').replaceAll(root, '.');
  }
  return text;
}
