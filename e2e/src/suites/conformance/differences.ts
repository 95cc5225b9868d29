/** Cases that one kind of control plane does not pass, each with the reason. */
import type { ControlPlaneKind } from '../../control-planes/index.ts';

const goText = 'it does not quote Go structures and parsers word by word';
const deadEnd = 'it answers with a Status where the API server has only a text for humans';

/** By `<topic>: <case>`. */
export const differences: Record<string, Partial<Record<ControlPlaneKind, string>>> = {
  'discovery: OpenAPI v3: the index': { embedded: 'it calls JSON by its name; the API server says text/plain' },
  'crud: create of a custom resource with another version': {
    embedded: 'it does not warn of fields that the wrong version does not have before it refuses it',
  },
  'immutable: Service: clusterIP': { embedded: 'it knows nothing of IP families, which the API server checks first' },
  'validation: custom: the whole spec has the wrong type': {
    embedded: 'it does not look for replicas in a spec that is no object',
  },
  'validation: custom: out of the range of int32': {
    embedded: 'its schemas check the formats int32 and int64, which the API server only documents',
  },
  'validation: custom: several mistakes at once': {
    embedded: 'it names every mistake of a text; the API server stops at the first',
  },
  'validation: custom: an embedded resource': { embedded: 'it does not prune the metadata of embedded objects' },
  'validation: custom: status is checked when it is written': {
    embedded: 'it names the whole path of a mistake in status',
  },
  'validation: Secret: docker config must be JSON': { embedded: 'it does not look into the data of typed Secrets' },
  'validation: Pod: an unknown restart policy': {
    embedded: 'it complains once; the API server does for pod and workload',
  },
  'defaulting: PersistentVolumeClaim': { embedded: 'it keeps quantities as they were written' },
  'apply: a manager with unprintable characters': { embedded: goText },
  'options: fields: a name twice in JSON, Warn': { embedded: 'it does not see that a name occurs twice' },
  'options: fields: a name twice in JSON, Strict': { embedded: 'it does not see that a name occurs twice' },
  'namespaces: its conditions say what it waits for': {
    embedded: 'it deletes namespaces without reporting in conditions',
  },
  'crd: no versions': { embedded: 'it does not check the status that it writes itself' },
  'crd: no storage version': { embedded: 'it does not check the status that it writes itself' },
  'crd: two storage versions': { embedded: 'it does not check the status that it writes itself' },
  'crd: schema: a CEL rule of the wrong type': { embedded: 'it checks the syntax of rules, and not their types' },
  'crd: a namespaced resource without namespace': { embedded: deadEnd },
  'crd: an unknown resource of a known group': { embedded: deadEnd },
  'errors: a body over the limit': { embedded: 'it hangs up on a body over the limit while that is being sent' },
  'errors: create a custom resource at the path of an object': {
    embedded: 'it refuses to create at the path of an object, as for built-in kinds',
  },
};
