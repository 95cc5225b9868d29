export { type EmbeddedKube, type EmbeddedKubeOptions, startEmbeddedKube } from './start.ts';
export type { Kubeconfig } from './kubeconfig.ts';
export type { RequestCount } from './server/stats.ts';
