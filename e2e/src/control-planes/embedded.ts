import { ControlPlaneUnavailableError } from '../../control-plane/binaries.ts';
import type { ControlPlane, StartOptions } from './index.ts';

export async function startEmbedded(_options: StartOptions): Promise<ControlPlane> {
  throw new ControlPlaneUnavailableError('the embedded API server is not there yet');
}
