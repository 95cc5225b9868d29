/** What a client needs to know about a server, as plain data. `loadConfig` makes it; a program may write it itself. */
import type { Impersonation } from '../types.ts';

/** One finished request, for `rest_client_requests_total` and its kin (RTM-474). */
export interface RequestObservation {
  /** HTTP method. */
  method: string;
  /** Kubernetes verb: get, list, watch, create, update, patch, delete, or the lower-case method for other paths. */
  verb: string;
  /** Plural of the resource, with `/subresource`; empty for other paths. */
  resource: string;
  /** HTTP status; 0 when there was no answer. */
  code: number;
  /** Host and port of the server. */
  host: string;
  /** Milliseconds until the answer was read; for watches until the first byte of the answer's head. */
  durationMs: number;
}

/** TLS settings. PEM texts, or files that are read again when they change. */
export interface TlsConfig {
  ca?: string;
  caFile?: string;
  cert?: string;
  certFile?: string;
  key?: string;
  keyFile?: string;
  /** Name to expect in the server's certificate instead of its host. */
  serverName?: string;
  /** Accept any certificate. */
  insecure?: boolean;
}

/** `exec` of a kubeconfig user: a program that prints an `ExecCredential`. */
export interface ExecConfig {
  apiVersion: string;
  command: string;
  args?: string[];
  env?: { name: string; value: string }[];
  installHint?: string;
  provideClusterInfo?: boolean;
  interactiveMode?: 'Never' | 'IfAvailable' | 'Always';
}

/** How to prove who we are. The first that is set wins: `getToken`, `token`, `tokenFile`, `basic`, `exec`, `provider`. */
export interface AuthConfig {
  /** Asked before every request, so it must cache; for instance a workload-identity token (RTM-343). */
  getToken?: (signal: AbortSignal) => Promise<string>;
  token?: string;
  /** Read again every minute, and when the server no longer accepts the token. */
  tokenFile?: string;
  basic?: { username: string; password: string };
  exec?: ExecConfig;
  /** An `auth-provider` of a kubeconfig, such as `oidc`. */
  provider?: { name: string; config?: Record<string, unknown> };
}

/** Everything `createClient` takes. */
export interface ClientConfig {
  /** URL of the API server, with a path prefix if it has one. */
  server: string;
  /** Namespace of the context, or of the pod. */
  namespace?: string;
  tls?: TlsConfig;
  auth?: AuthConfig;
  impersonate?: Impersonation;
  /** `http`, `https` or `socks5` URL. Absent: from `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`; empty: none. */
  proxyUrl?: string;
  /** Do not ask for compressed lists. */
  disableCompression?: boolean;
  /** Value of the `User-Agent` header; default `gitops-toolkit`. */
  userAgent?: string;
  /** Client-side limit in requests a second; absent or not positive: none. */
  qps?: number;
  /** Requests that may exceed `qps` at once; default `qps`. */
  burst?: number;
  /** Requests in flight at once, not counting watches; default 64. More wait their turn. */
  maxConnections?: number;
  /** Deadline of one request in milliseconds, retries included; default 30_000 (RTM-283). */
  timeoutMs?: number;
  /** The largest answer to accept, in bytes (for a watch: the largest event); default 256 MiB. */
  maxResponseBytes?: number;
  /** Called once for every HTTP exchange. Must not throw. */
  onRequest?: (observation: RequestObservation) => void;
}
