/** Checks of names, labels and annotations, in the API server's words. */
import { schema } from '@gitops-toolkit/api';
import type { KubeJson } from './json.ts';

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const label1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const qualifiedPart = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

const subdomainText = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`;
const labelText = `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`;
const label1035Text = `a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')`;
const qualifiedText = `name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`;
const labelValueText = `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`;

const length = (max: number) => `must be no more than ${max} characters`;
const bytes = (max: number) => `must be no more than ${max} bytes`;

/** A name check: complaints, empty when fine. A generated name may end in a dash. */
export type NameCheck = (name: string, generated: boolean) => string[];

function check(pattern: RegExp, max: number, text: string): NameCheck {
  return (name, generated) => {
    const complaints: string[] = [];
    const whole = generated && name.endsWith('-') ? `${name.slice(0, -1)}a` : name;
    if (whole.length > max) complaints.push(length(max));
    if (!pattern.test(whole)) complaints.push(text);
    return complaints;
  };
}

export const dnsSubdomain = check(subdomain, 253, subdomainText);
const labelShape = check(label, 63, labelText);
export const dnsLabel: NameCheck = (name, generated) =>
  name.includes('.') ? ['must not contain dots'] : labelShape(name, generated);
export const dns1035Label = check(label1035, 63, label1035Text);

/** What may be one segment of a URL path: names of RBAC objects. */
export const pathSegment: NameCheck = (name) => {
  if (name === '.' || name === '..') return [`may not be '${name}'`];
  return ['/', '%'].filter((char) => name.includes(char)).map((char) => `may not contain '${char}'`);
};

/** Complaints about a label or annotation key. */
export function qualifiedName(key: string): string[] {
  const complaints: string[] = [];
  const parts = key.split('/');
  const name = parts.at(-1)!;
  if (parts.length > 2)
    return [
      `a qualified name ${qualifiedText.slice('name part '.length).replace(/'\)$/, `' with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`)}`,
    ];
  if (parts.length === 2) {
    if (parts[0] === '') complaints.push('prefix part must be non-empty');
    else complaints.push(...dnsSubdomain(parts[0]!, false).map((text) => `prefix part ${text}`));
  }
  if (name === '') complaints.push('name part must be non-empty');
  else if (name.length > 63) complaints.push(`name part ${bytes(63)}`);
  if (!qualifiedPart.test(name)) complaints.push(qualifiedText);
  return complaints;
}

export function labelValueComplaints(value: string): string[] {
  const complaints: string[] = [];
  if (value.length > 63) complaints.push(bytes(63));
  if (!labelValue.test(value)) complaints.push(labelValueText);
  return complaints;
}

export function checkLabels(labels: Record<string, string>, path: string): schema.Issue[] {
  const issues: schema.Issue[] = [];
  for (const key of Object.keys(labels)) {
    for (const text of qualifiedName(key)) issues.push(schema.invalid(path, key, text));
    for (const text of labelValueComplaints(labels[key]!)) issues.push(schema.invalid(path, labels[key], text));
  }
  return issues;
}

const annotationsLimit = 256 * 1024;

function checkAnnotations(annotations: Record<string, string>, path: string): schema.Issue[] {
  const issues: schema.Issue[] = [];
  let total = 0;
  for (const key of Object.keys(annotations)) {
    for (const text of qualifiedName(key.toLowerCase())) issues.push(schema.invalid(path, key, text));
    total += key.length + annotations[key]!.length;
  }
  if (total > annotationsLimit) issues.push(schema.tooLong(path, annotationsLimit));
  return issues;
}

interface MetadataRules {
  namespaced: boolean;
  checkName: NameCheck;
  /** Finalizers may have any qualified name, also one without a domain: custom resources and their definitions. */
  anyFinalizer?: boolean;
}

/** Everything wrong with the metadata of an object about to be stored. */
export function checkMetadata(object: KubeJson, rules: MetadataRules): schema.Issue[] {
  const { metadata } = object;
  const issues: schema.Issue[] = [];
  if (metadata.generateName) {
    for (const text of rules.checkName(metadata.generateName, true))
      issues.push(schema.invalid('metadata.generateName', metadata.generateName, text));
  }
  if (!metadata.name) issues.push(schema.required('metadata.name', 'name or generateName is required'));
  else
    for (const text of rules.checkName(metadata.name, false))
      issues.push(schema.invalid('metadata.name', metadata.name, text));
  if (!rules.namespaced && metadata.namespace)
    issues.push(schema.forbidden('metadata.namespace', 'not allowed on this type'));
  if (metadata.labels) issues.push(...checkLabels(metadata.labels, 'metadata.labels'));
  if (metadata.annotations) issues.push(...checkAnnotations(metadata.annotations, 'metadata.annotations'));
  if (metadata.ownerReferences) issues.push(...checkOwners(object));
  for (const finalizer of metadata.finalizers ?? []) {
    for (const text of qualifiedName(finalizer)) issues.push(schema.invalid('metadata.finalizers', finalizer, text));
  }
  if (!rules.anyFinalizer) issues.push(...checkFinalizerNames(metadata.finalizers ?? []));
  return issues;
}

const standardFinalizers = ['kubernetes', 'orphan', 'foregroundDeletion'];

function checkFinalizerNames(finalizers: string[]): schema.Issue[] {
  const text = 'name is neither a standard finalizer name nor is it fully qualified';
  return finalizers.flatMap((name, index) =>
    name.includes('/') || standardFinalizers.includes(name)
      ? []
      : [schema.invalid(`metadata.finalizers[${index}]`, name, text)],
  );
}

function checkOwners(object: KubeJson): schema.Issue[] {
  const issues: schema.Issue[] = [];
  let controller: string | undefined;
  object.metadata.ownerReferences!.forEach((owner) => {
    const path = 'metadata.ownerReferences';
    for (const field of ['apiVersion', 'kind', 'name', 'uid'] as const) {
      if (!owner[field])
        issues.push(
          schema.invalid(
            field === 'apiVersion' ? `${path}.apiVersion` : `${path}.${field}`,
            owner[field] ?? '',
            field === 'apiVersion' ? 'version must not be empty' : 'must not be empty',
          ),
        );
    }
    if (!owner.controller) return;
    if (controller !== undefined) {
      const text = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${owner.kind}/${owner.name}`;
      issues.push(schema.invalid('metadata.ownerReferences', object.metadata.ownerReferences, text));
    }
    controller = `${owner.kind}/${owner.name}`;
  });
  return issues;
}

/** What must not change in metadata. Each complaint comes twice: the API server checks metadata with the object and before. */
export function checkMetadataUpdate(object: KubeJson, old: KubeJson): schema.Issue[] {
  const issues = metadataChanges(object, old);
  return [...issues, ...issues];
}

function metadataChanges(object: KubeJson, old: KubeJson): schema.Issue[] {
  const issues: schema.Issue[] = [];
  for (const field of ['name', 'namespace', 'uid'] as const) {
    if (object.metadata[field] !== old.metadata[field])
      issues.push(schema.invalid(`metadata.${field}`, object.metadata[field] ?? '', 'field is immutable'));
  }
  if (old.metadata.deletionTimestamp !== undefined) {
    const added = (object.metadata.finalizers ?? []).filter(
      (finalizer) => !old.metadata.finalizers?.includes(finalizer),
    );
    if (added.length > 0) {
      const text = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((name) => JSON.stringify(name)).join(', ')}}`;
      issues.push(schema.forbidden('metadata.finalizers', text));
    }
  }
  return issues;
}
