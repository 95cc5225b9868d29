/** Whether the API server limits its clients itself, so that they need not do it (RTM-284, RTM-345). */
import type { ClientConfig } from '../config/config.ts';
import { createTransport } from './transport.ts';

/**
 * Asks `HEAD /livez/ping` and looks for the header that API priority and fairness adds. It needs permission to `head`
 * that non-resource URL.
 * @returns false too when the probe fails.
 */
export async function hasFlowControl(config: ClientConfig, signal?: AbortSignal): Promise<boolean> {
  const transport = createTransport({ ...config, qps: undefined });
  try {
    const exchange = { method: 'HEAD', path: '/livez/ping', verb: 'head', resource: '', timeoutMs: 10_000, signal };
    const { headers } = await transport.call(exchange);
    return headers['x-kubernetes-pf-flowschema-uid'] !== undefined;
  } catch {
    signal?.throwIfAborted();
    return false;
  } finally {
    await transport.close();
  }
}

/** The configuration without its client-side limit if the server has flow control. Asks only when there is a limit. */
export async function withFlowControl(config: ClientConfig, signal?: AbortSignal): Promise<ClientConfig> {
  if (!config.qps || config.qps <= 0 || !(await hasFlowControl(config, signal))) return config;
  return { ...config, qps: undefined, burst: undefined };
}
