import type { Kustomization, ResourceType, UnstructuredObject } from '@gitops-toolkit/api';
import { isNotFound } from '@gitops-toolkit/kube';
import type { ReconcileContext } from '@gitops-toolkit/runtime';
import { mergeVariables } from '@gitops-toolkit/template';

const configMaps: ResourceType = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
};
const secrets: ResourceType = { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true };

/**
 * What the build substitutes: the variables, or why they could not be had. The problem only counts when there is
 * something to substitute (KUS-144), which the build finds out. Undefined: no substitution at all.
 */
export type Variables = { values: Record<string, string> } | { problem: string } | undefined;

/** The variables of `spec.postBuild`, later sources over earlier ones, inline ones last (KUS-141…146). */
export async function loadVariables(ctx: ReconcileContext<Kustomization>): Promise<Variables> {
  const { postBuild } = ctx.object.spec;
  if (postBuild === undefined) return undefined;
  const sets: Record<string, string>[] = [];
  for (const reference of postBuild.substituteFrom ?? []) {
    try {
      sets.push(await read(ctx, reference));
    } catch (error) {
      if (reference.optional && isNotFound(error)) continue;
      ctx.signal.throwIfAborted();
      return { problem: `substitute from '${reference.kind}/${reference.name}' error: ${(error as Error).message}` };
    }
  }
  try {
    const values = mergeVariables(...sets, postBuild.substitute ?? {});
    const isNeeded = Object.keys(values).length > 0 || postBuild.substituteStrategy === 'Always';
    return isNeeded ? { values } : undefined;
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

type Reference = NonNullable<NonNullable<Kustomization['spec']['postBuild']>['substituteFrom']>[number];

async function read(ctx: ReconcileContext<Kustomization>, { kind, name }: Reference): Promise<Record<string, string>> {
  const key = { name, namespace: ctx.object.metadata.namespace! };
  const object = await ctx.client.get<UnstructuredObject>(kind === 'Secret' ? secrets : configMaps, key, {
    signal: ctx.signal,
  });
  const data = (object.data ?? {}) as Record<string, string>;
  if (kind !== 'Secret') return data;
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [name, Buffer.from(value, 'base64').toString('utf8')]),
  );
}
