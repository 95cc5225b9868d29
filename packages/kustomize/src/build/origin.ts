import { joinPath } from '../filesystem/path.ts';
import { quoteScalar } from '../output/emit.ts';
import { type ResourceList } from '../resource/list.ts';
import { type Resource } from '../resource/resource.ts';
import { metadataMap, setMetadataMap } from '../yaml/edit.ts';

export const ORIGIN_ANNOTATION = 'config.kubernetes.io/origin';
export const TRANSFORMATIONS_ANNOTATION = 'alpha.config.kubernetes.io/transformations';

/** Where an object or a step comes from (KZE-910, KZE-911). Paths are relative to the build root. */
export interface Origin {
  path?: string;
  configuredIn?: string;
  configuredBy?: { apiVersion: string; kind: string; name?: string; namespace?: string };
}

/** The origin of an object read from `entry` by a kustomization at `directory`. */
export function fileOrigin(directory: string, entry: string): Origin {
  return { path: joinPath(directory, entry) };
}

/** The origin of what a builtin step of a kustomization file makes or changes. */
export function builtinOrigin(kustomizationFile: string, kind: string): Origin {
  return { configuredIn: kustomizationFile, configuredBy: { apiVersion: 'builtin', kind } };
}

function fields(origin: Origin): string[] {
  const lines: string[] = [];
  if (origin.path) lines.push(`path: ${quoteScalar(origin.path)}`);
  if (origin.configuredIn) lines.push(`configuredIn: ${quoteScalar(origin.configuredIn)}`);
  if (origin.configuredBy) {
    lines.push('configuredBy:');
    for (const field of ['apiVersion', 'kind', 'name', 'namespace'] as const) {
      const value = origin.configuredBy[field];
      if (value) lines.push(`  ${field}: ${quoteScalar(value)}`);
    }
  }
  return lines;
}

export function originText(origin: Origin): string {
  return `${fields(origin).join('\n')}\n`;
}

function annotate(resource: Resource, key: string, value: string): void {
  setMetadataMap(resource.root, 'annotations', metadataMap(resource.root, 'annotations').set(key, value));
}

export function setOrigin(resource: Resource, origin: Origin): void {
  annotate(resource, ORIGIN_ANNOTATION, originText(origin));
}

export function hasOrigin(resource: Resource): boolean {
  return metadataMap(resource.root, 'annotations').has(ORIGIN_ANNOTATION);
}

/** Records a step on every object; one that has no origin yet gets it as origin (KZE-911). */
export function recordStep(list: ResourceList, origin: Origin): void {
  const entry = fields(origin)
    .map((line, i) => `${i === 0 ? '- ' : '  '}${line}\n`)
    .join('');
  for (const resource of list.items) {
    if (!hasOrigin(resource)) {
      setOrigin(resource, origin);
      continue;
    }
    const known = metadataMap(resource.root, 'annotations').get(TRANSFORMATIONS_ANNOTATION) ?? '';
    annotate(resource, TRANSFORMATIONS_ANNOTATION, known + entry);
  }
}
