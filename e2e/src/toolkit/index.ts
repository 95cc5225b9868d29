export { apply, connect, fieldManager, installToolkit, namespace } from './cluster.ts';
export {
  controllerNames,
  mainOf,
  startController,
  startPipeline,
  type Controller,
  type ControllerName,
  type Pipeline,
} from './controller.ts';
export {
  conditionOf,
  gitRepository,
  handle,
  isReady,
  kustomization,
  revisionOf,
  type Handle,
  type Reconciled,
} from './objects.ts';
export { startEventSink, type EventSink, type PostedEvent } from './events.ts';
export { sampleFolder, serveRepository, serveSample, type ServedRepository } from './repository.ts';
export * as kinds from './kinds.ts';
