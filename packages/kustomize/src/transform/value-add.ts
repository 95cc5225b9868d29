import { KustomizeError } from '../errors.ts';
import { loadText, type Loader } from '../build/loader.ts';
import { baseName } from '../filesystem/path.ts';
import { splitPath } from '../fieldspec/walk.ts';
import { parseData } from '../kustomization/parse.ts';
import { array, decode, struct, type Shape } from '../kustomization/shape.ts';
import { type Selector } from '../kustomization/types.ts';
import { select } from '../resource/selector.ts';
import { expectKind, setScalar } from '../yaml/edit.ts';
import { map, scalar, text, type YamlNode } from '../yaml/node.ts';
import { currentId, type Resource } from '../resource/resource.ts';
import { type Step } from './step.ts';

export interface ValueTarget {
  selector?: Selector;
  fieldPath?: string;
  /** Which segment of a path the value becomes; 0 replaces all of it. */
  filePathPosition?: number;
}

export function readValueTargets(loader: Loader, file: string, target: Shape): ValueTarget[] {
  const data = decode(parseData(loadText(loader, file), file), struct({ targets: array(target) }), { lenient: true });
  return (data as { targets?: ValueTarget[] } | undefined)?.targets ?? [];
}

/** Writes one value to chosen fields, or into a path held by them (KZE-893). */
export function valueAddStep(given: string, targets: readonly ValueTarget[], loader: Loader): Step {
  const value = given.trim() || baseName(loader.root);
  if (targets.length === 0) throw new KustomizeError('must specify at least one target');
  for (const { fieldPath, filePathPosition = 0 } of targets) {
    if (!fieldPath) throw new KustomizeError('fieldPath cannot be empty');
    if (filePathPosition < 0)
      throw new KustomizeError(`value of FilePathPosition (${filePathPosition}) cannot be negative`);
  }
  return {
    kind: 'ValueAddTransformer',
    run(list) {
      for (const { selector, fieldPath, filePathPosition = 0 } of targets) {
        for (const resource of selector ? select(list.items, selector) : list.items) {
          if (fieldPath === 'metadata/namespace') setNamespace(resource, value);
          else write(fieldAt(resource.root, splitPath(fieldPath!)), value, filePathPosition);
        }
      }
      list.invalidate();
    },
  };
}

function setNamespace(resource: Resource, value: string): void {
  if (currentId(resource).cluster) return;
  setScalar(fieldAt(resource.root, ['metadata', 'namespace']), text(value));
}

function fieldAt(root: YamlNode, path: readonly string[]): YamlNode {
  let at = root;
  path.forEach((part, i) => {
    expectKind(at, 'map');
    let next = at.entries.get(part);
    if (next === undefined) {
      next = i === path.length - 1 ? scalar('') : map();
      at.entries.set(part, next);
    }
    at = next;
  });
  return at;
}

function write(node: YamlNode, value: string, position: number): void {
  expectKind(node, 'scalar');
  setScalar(node, scalar(position > 0 ? insertSegment(node.value, position - 1, value) : value));
}

function insertSegment(path: string, at: number, segment: string): string {
  const absolute = path.startsWith('/');
  const parts = path.split('/').filter((part) => part !== '');
  parts.splice(Math.min(at, parts.length), 0, segment);
  return (absolute ? '/' : '') + parts.join('/');
}
