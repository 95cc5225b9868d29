import { schema } from '@gitops-toolkit/api';
import type { JsonObject, KubeJson } from '../../object/json.ts';
import { itemsOf } from '../defaults/fill.ts';
import type { Validator } from './index.ts';

type Issue = schema.Issue;

const keyText = `a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`;
const sizeLimit = 1024 * 1024;

function checkKeys(object: KubeJson, field: string, path: string): Issue[] {
  const issues: Issue[] = [];
  for (const key of Object.keys((object[field] as JsonObject | undefined) ?? {})) {
    if (key.length > 253) issues.push(schema.invalid(`${path}[${key}]`, key, 'must be no more than 253 characters'));
    if (!/^[-._a-zA-Z0-9]+$/.test(key)) issues.push(schema.invalid(`${path}[${key}]`, key, keyText));
    else if (key === '.' || key === '..') issues.push(schema.invalid(`${path}[${key}]`, key, `must not be '${key}'`));
  }
  return issues;
}

function checkFrozen(object: KubeJson, old: KubeJson | undefined, fields: string[]): Issue[] {
  if (old?.immutable !== true) return [];
  const issues: Issue[] = [];
  const text = 'field is immutable when `immutable` is set';
  if (object.immutable !== true) issues.push(schema.forbidden('immutable', text));
  for (const field of fields) {
    if (!schema.jsonEqual(object[field] ?? {}, old[field] ?? {})) issues.push(schema.forbidden(field, text));
  }
  return issues;
}

const totalSize = (data: unknown, decode: (text: string) => number): number =>
  Object.values((data as Record<string, string> | undefined) ?? {}).reduce((total, text) => total + decode(text), 0);

const configMap: Validator = (object, old) => {
  const issues = [
    ...checkKeys(object, 'data', 'data'),
    ...checkKeys(object, 'binaryData', 'binaryData'),
    ...checkFrozen(object, old, ['data', 'binaryData']),
  ];
  for (const key of Object.keys((object.binaryData as JsonObject | undefined) ?? {})) {
    if ((object.data as JsonObject | undefined)?.[key] !== undefined)
      issues.push(schema.invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'));
  }
  const size =
    totalSize(object.data, Buffer.byteLength) +
    totalSize(object.binaryData, (text) => Buffer.byteLength(text, 'base64'));
  if (size > sizeLimit) issues.push(schema.tooLong('[]', sizeLimit));
  return issues;
};

/** Keys that a Secret of a type must have. */
const secretKeys: Record<string, string[]> = {
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
};

const secret: Validator = (object, old) => {
  const issues = [...checkKeys(object, 'data', 'data'), ...checkFrozen(object, old, ['data'])];
  const data = (object.data as JsonObject | undefined) ?? {};
  for (const key of secretKeys[object.type as string] ?? []) {
    if (data[key] === undefined) issues.push(schema.required(`data[${key}]`));
  }
  if (object.type === 'kubernetes.io/basic-auth' && data.username === undefined && data.password === undefined) {
    issues.push(schema.required('data[username]'), schema.required('data[password]'));
  }
  if (old !== undefined && object.type !== old.type)
    issues.push(schema.invalid('type', object.type, 'field is immutable'));
  if (totalSize(data, (text) => Buffer.byteLength(text, 'base64')) > sizeLimit)
    issues.push(schema.tooLong('data', sizeLimit));
  return issues;
};

const roleBinding: Validator = (object, old) => {
  const issues: Issue[] = [];
  const roleRef = (object.roleRef as JsonObject | undefined) ?? {};
  const kinds = object.kind === 'ClusterRoleBinding' ? ['ClusterRole'] : ['Role', 'ClusterRole'];
  if (!kinds.includes(roleRef.kind as string))
    issues.push(schema.notSupported('roleRef.kind', roleRef.kind ?? '', kinds));
  if (!roleRef.name) issues.push(schema.required('roleRef.name'));
  itemsOf(object, 'subjects').forEach((subject, index) => {
    const path = `subjects[${index}]`;
    if (!subject.name) issues.push(schema.required(`${path}.name`));
    if (!['User', 'Group', 'ServiceAccount'].includes(subject.kind as string)) {
      issues.push(schema.notSupported(`${path}.kind`, subject.kind ?? '', ['ServiceAccount', 'User', 'Group']));
    }
    if (subject.kind === 'ServiceAccount' && !subject.namespace && object.kind === 'ClusterRoleBinding')
      issues.push(schema.required(`${path}.namespace`));
  });
  if (old !== undefined && !schema.jsonEqual(old.roleRef, object.roleRef))
    issues.push(schema.invalid('roleRef', object.roleRef, 'cannot change roleRef'));
  return issues;
};

const role: Validator = (object) => {
  const issues: Issue[] = [];
  itemsOf(object, 'rules').forEach((rule, index) => {
    const path = `rules[${index}]`;
    if (!Array.isArray(rule.verbs) || rule.verbs.length === 0)
      issues.push(schema.required(`${path}.verbs`, 'verbs must contain at least one value'));
    if (Array.isArray(rule.nonResourceURLs) && rule.nonResourceURLs.length > 0) return;
    if (!Array.isArray(rule.apiGroups) || rule.apiGroups.length === 0)
      issues.push(schema.required(`${path}.apiGroups`, 'resource rules must supply at least one api group'));
    if (!Array.isArray(rule.resources) || rule.resources.length === 0)
      issues.push(schema.required(`${path}.resources`, 'resource rules must supply at least one resource'));
  });
  return issues;
};

const claim: Validator = (object, old) => {
  const spec = (object.spec as JsonObject | undefined) ?? {};
  const issues: Issue[] = [];
  const modes = spec.accessModes as string[] | undefined;
  if (!modes?.length) issues.push(schema.required('spec.accessModes', 'at least 1 access mode is required'));
  const supported = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
  modes?.forEach((mode) => {
    if (!supported.includes(mode)) issues.push(schema.notSupported('spec.accessModes', mode, supported));
  });
  const requests = (spec.resources as JsonObject | undefined)?.requests as JsonObject | undefined;
  if (requests?.storage === undefined) issues.push(schema.required('spec.resources[storage]'));
  if (old !== undefined) {
    const frozen = ({ volumeName: _, resources: __, volumeAttributesClassName: ___, ...rest }: JsonObject) => rest;
    if (!schema.jsonEqual(frozen(spec), frozen(old.spec as JsonObject))) {
      issues.push(
        schema.forbidden(
          'spec',
          'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
        ),
      );
    }
  }
  return issues;
};

const storageClass: Validator = (object, old) => {
  const issues: Issue[] = object.provisioner ? [] : [schema.required('provisioner')];
  if (old === undefined) return issues;
  for (const field of ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode']) {
    if (!schema.jsonEqual(object[field], old[field]))
      issues.push(schema.forbidden(field, 'updates to ' + field + ' are forbidden.'));
  }
  return issues;
};

const priorityClass: Validator = (object, old) => {
  if (old === undefined || object.value === old.value) return [];
  return [schema.invalid('value', object.value, 'may not be changed in an update.')];
};

export const configValidation: Record<string, Validator> = {
  '/ConfigMap': configMap,
  '/Secret': secret,
  '/PersistentVolumeClaim': claim,
  'rbac.authorization.k8s.io/RoleBinding': roleBinding,
  'rbac.authorization.k8s.io/ClusterRoleBinding': roleBinding,
  'rbac.authorization.k8s.io/Role': role,
  'rbac.authorization.k8s.io/ClusterRole': role,
  'storage.k8s.io/StorageClass': storageClass,
  'scheduling.k8s.io/PriorityClass': priorityClass,
};
