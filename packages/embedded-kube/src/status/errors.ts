/** Failures as the API server reports them: a `metav1.Status` with code, reason and details. */
import { schema } from '@gitops-toolkit/api';

export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: Record<string, never>;
  status: 'Failure' | 'Success';
  message?: string;
  reason?: string;
  details?: StatusDetails;
  code?: number;
}

/** A request that ends with a Status of failure. */
export class StatusError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: StatusDetails | undefined;

  constructor(code: number, reason: string, message: string, details?: StatusDetails) {
    super(message);
    this.name = 'StatusError';
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  toStatus(): Status {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      reason: this.reason === '' ? undefined : this.reason,
      details: this.details,
      code: this.code,
    };
  }
}

/** What an error is about: the plural for addressing errors, the kind for validation errors. */
export interface Subject {
  group: string;
  plural: string;
  kind: string;
}

const qualified = (name: string, group: string) => (group === '' ? name : `${name}.${group}`);
const about = (subject: Subject, name: string): StatusDetails => ({
  name,
  group: subject.group || undefined,
  kind: subject.plural,
});

export function notFound(subject: Subject, name: string): StatusError {
  const message = `${qualified(subject.plural, subject.group)} "${name}" not found`;
  return new StatusError(404, 'NotFound', message, about(subject, name));
}

/** The path leads nowhere: an unknown group, version or resource. */
export function noSuchResource(): StatusError {
  return new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
}

export function alreadyExists(subject: Subject, name: string): StatusError {
  const message = `${qualified(subject.plural, subject.group)} "${name}" already exists`;
  return new StatusError(409, 'AlreadyExists', message, about(subject, name));
}

export function conflict(subject: Subject, name: string, detail: string, causes?: StatusCause[]): StatusError {
  const message = `Operation cannot be fulfilled on ${qualified(subject.plural, subject.group)} "${name}": ${detail}`;
  return new StatusError(409, 'Conflict', message, { ...about(subject, name), causes });
}

export function modified(subject: Subject, name: string): StatusError {
  const detail = 'the object has been modified; please apply your changes to the latest version and try again';
  return conflict(subject, name, detail);
}

export function applyConflict(message: string, causes: StatusCause[]): StatusError {
  return new StatusError(409, 'Conflict', message, { causes });
}

export function invalidObject(subject: Subject, name: string, issues: readonly schema.Issue[]): StatusError {
  const message = `${qualified(subject.kind, subject.group)} "${name}" is invalid: ${schema.issuesText(issues)}`;
  const causes = issues.map((issue) => ({
    reason: schema.causeReason(issue),
    message: issue.message,
    field: issue.path,
  }));
  const details = {
    name: name || undefined,
    group: subject.group || undefined,
    kind: subject.kind || undefined,
    causes,
  };
  return new StatusError(422, 'Invalid', message, details);
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message);
}

export function forbidden(subject: Subject, name: string, detail: string, causes?: StatusCause[]): StatusError {
  const message = `${qualified(subject.plural, subject.group)} "${name}" is forbidden: ${detail}`;
  return new StatusError(403, 'Forbidden', message, { ...about(subject, name), causes });
}

export function methodNotAllowed(): StatusError {
  return new StatusError(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    {},
  );
}

/** The query of a request is wrong; `kind` is that of its options, such as `CreateOptions`. */
export function invalidOptions(kind: string, ...issues: schema.Issue[]): StatusError {
  return invalidObject({ group: 'meta.k8s.io', plural: kind, kind }, '', issues);
}

export function expired(message: string): StatusError {
  return new StatusError(410, 'Expired', message);
}

export function unsupportedMediaType(accepted: readonly string[]): StatusError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`;
  return new StatusError(415, 'UnsupportedMediaType', message);
}

export function notAcceptable(accepted: readonly string[]): StatusError {
  return new StatusError(406, 'NotAcceptable', `only the following media types are accepted: ${accepted.join(', ')}`);
}

export function tooLarge(limit: number): StatusError {
  return new StatusError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${limit}`);
}

export function unauthorized(): StatusError {
  return new StatusError(401, 'Unauthorized', 'Unauthorized');
}

export function success(details: StatusDetails): Status {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}
