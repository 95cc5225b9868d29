/** What can go wrong in a call, as data: the server's own `Status`, or why no answer arrived. */
import { apiVersionOf, type GroupVersionKind } from '@gitops-toolkit/api';

/** `metav1.StatusCause`: one field that is wrong, or one conflicting field manager. */
export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

/** `metav1.Status`: how an API server reports a failure. */
export interface Status {
  kind?: 'Status';
  apiVersion?: 'v1';
  status?: 'Success' | 'Failure';
  message?: string;
  reason?: string;
  code?: number;
  details?: {
    name?: string;
    group?: string;
    kind?: string;
    uid?: string;
    causes?: StatusCause[];
    retryAfterSeconds?: number;
  };
}

/** What an {@link ApiError} is made of. */
export interface ApiErrorInit {
  status: Status;
  method: string;
  path: string;
  cause?: unknown;
}

/** The API server refused a request, or did not answer it. `message` is the server's own text. */
export class ApiError extends Error {
  override readonly name: string = 'ApiError';
  /** HTTP status; 0 when there was no answer. */
  readonly code: number;
  /** `metav1.StatusReason`, for instance `NotFound`. */
  readonly reason: string;
  /** The `Status` object of the answer, or one made up from the HTTP status when the body was something else. */
  readonly status: Status;
  readonly method: string;
  /** Path of the request, without the query. */
  readonly path: string;

  constructor(init: ApiErrorInit) {
    super(init.status.message || `${init.method} ${init.path}: HTTP ${init.status.code ?? 0}`, { cause: init.cause });
    this.code = init.status.code ?? 0;
    this.reason = init.status.reason ?? '';
    this.status = init.status;
    this.method = init.method;
    this.path = init.path;
  }

  /** The details the server gave: invalid fields, or the managers that own the fields of a conflicting apply. */
  get causes(): StatusCause[] {
    return this.status.details?.causes ?? [];
  }
}

/** No usable answer: the server could not be reached, the connection broke, or the deadline of the request passed. */
export class ConnectionError extends ApiError {
  override readonly name = 'ConnectionError';
  /** True when the deadline of the request passed. */
  readonly timedOut: boolean;

  constructor(init: { message: string; method: string; path: string; cause?: unknown; timedOut?: boolean }) {
    const { message, method, path, cause, timedOut = false } = init;
    super({ status: { status: 'Failure', message, code: 0, reason: timedOut ? 'Timeout' : '' }, method, path, cause });
    this.timedOut = timedOut;
  }
}

/** The server serves no such kind; it may after a CustomResourceDefinition was applied. */
export class NoMatchError extends Error {
  override readonly name = 'NoMatchError';
  readonly gvk: { group: string; version?: string; kind: string };

  constructor(gvk: { group: string; version?: string; kind: string }, options?: ErrorOptions) {
    const version = gvk.version ? apiVersionOf(gvk as GroupVersionKind) : gvk.group || 'v1';
    super(`no matches for kind "${gvk.kind}" in ${gvk.version ? 'version' : 'group'} "${version}"`, options);
    this.gvk = gvk;
  }
}

/** The server says that it serves the group of this kind, but what is behind it (an aggregated API) does not answer. */
export class DiscoveryError extends Error {
  override readonly name = 'DiscoveryError';
  readonly gvk: { group: string; version?: string; kind: string };

  constructor(gvk: { group: string; version?: string; kind: string }, cause: Error) {
    super(`cannot tell whether kind "${gvk.kind}" of group "${gvk.group}" is served: ${cause.message}`, { cause });
    this.gvk = gvk;
  }
}

/** A kubeconfig that cannot be used: unreadable, incomplete, or asking for something that is not supported. */
export class KubeConfigError extends Error {
  override readonly name = 'KubeConfigError';
}

/** Credentials could not be obtained: a token file is missing, or an exec plug-in failed. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError';
}

function reasonIs(error: unknown, code: number, ...reasons: string[]): error is ApiError {
  if (!(error instanceof ApiError)) return false;
  return reasons.includes(error.reason) || (error.code === code && error.reason === '');
}

/** 404: no such object, or no such path. A kind that is not served is a {@link NoMatchError} instead. */
export const isNotFound = (error: unknown): error is ApiError => reasonIs(error, 404, 'NotFound');
/** 409: somebody else changed the object, or other field managers own the fields. */
export const isConflict = (error: unknown): error is ApiError => reasonIs(error, 409, 'Conflict');
/** 409: an object of this name exists. */
export const isAlreadyExists = (error: unknown): error is ApiError => reasonIs(error, -1, 'AlreadyExists');
/** 422: the object does not pass validation. */
export const isInvalid = (error: unknown): error is ApiError => reasonIs(error, 422, 'Invalid');
/** 400: the request makes no sense to the server. */
export const isBadRequest = (error: unknown): error is ApiError => reasonIs(error, 400, 'BadRequest');
/** 403: not allowed, or refused by admission. */
export const isForbidden = (error: unknown): error is ApiError => reasonIs(error, 403, 'Forbidden');
/** 401: the credentials are missing or not valid. */
export const isUnauthorized = (error: unknown): error is ApiError => reasonIs(error, 401, 'Unauthorized');
/** 410: the resource version (or the continue token of a list) is too old. */
export const isExpired = (error: unknown): error is ApiError => reasonIs(error, 410, 'Expired', 'Gone');
/** 429: the server asks to slow down. */
export const isTooManyRequests = (error: unknown): error is ApiError => reasonIs(error, 429, 'TooManyRequests');
/** The request ran out of time, on the server or here. */
export const isTimeout = (error: unknown): error is ApiError => reasonIs(error, 504, 'Timeout', 'ServerTimeout');
/** Any answer from 500 on: the server's fault, so trying again may help. */
export const isServerError = (error: unknown): error is ApiError => error instanceof ApiError && error.code >= 500;
/** No answer at all. */
export const isConnectionError = (error: unknown): error is ConnectionError => error instanceof ConnectionError;
/** The kind is not served. */
export const isNoMatch = (error: unknown): error is NoMatchError => error instanceof NoMatchError;

const reasonsByCode: Record<number, string> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  410: 'Gone',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

/** The error of an answer with an HTTP status from 400 on, whatever its body. */
export function errorOfResponse(code: number, body: unknown, method: string, path: string): ApiError {
  if (typeof body === 'object' && body !== null && (body as Status).kind === 'Status') {
    const status = body as Status;
    return new ApiError({ status: { ...status, code: status.code ?? code }, method, path });
  }
  const text = typeof body === 'string' ? body.trim().slice(0, 512) : '';
  const reason = reasonsByCode[code] ?? '';
  const message = text || `the server answered ${method} ${path} with HTTP ${code}${reason && ` (${reason})`}`;
  return new ApiError({ status: { status: 'Failure', code, reason, message }, method, path });
}
