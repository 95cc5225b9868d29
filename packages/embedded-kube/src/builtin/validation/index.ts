/** Validation of built-in kinds beyond their shape, by `group/Kind`, with the API server's messages. */
import type { schema } from '@gitops-toolkit/api';
import type { KubeJson } from '../../object/json.ts';
import { configValidation } from './config.ts';
import { networkValidation } from './network.ts';
import { workloadValidation } from './workloads.ts';

export type Validator = (object: KubeJson, old: KubeJson | undefined) => schema.Issue[];

const validators: Record<string, Validator> = { ...workloadValidation, ...configValidation, ...networkValidation };

export function validationOf(id: string): Validator | undefined {
  return validators[id];
}
