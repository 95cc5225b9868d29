export * from './meta/object.ts';
export * from './meta/conditions.ts';
export * from './meta/well-known.ts';
export * from './duration.ts';
export type * from './fields/field.ts';
export type * from './fields/shared.ts';
export * from './kind/kind.ts';
export * from './source/git-repository.ts';
export * from './kustomize/kustomization.ts';
