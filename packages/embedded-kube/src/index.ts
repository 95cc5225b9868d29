export { type EmbeddedKube, type EmbeddedKubeOptions, startEmbeddedKube } from './start.ts';
export type { Kubeconfig } from './kubeconfig.ts';
export type { RequestCount } from './server/stats.ts';
export { type Simulation, type SimulationOptions, startSimulation } from './simulation/simulation.ts';
export { behaviourAnnotation } from './simulation/behaviour.ts';
