export { startFaultInjector, type Fault, type FaultInjector, type FaultOptions } from './injector.ts';
