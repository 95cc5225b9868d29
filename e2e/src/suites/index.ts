/** Every suite, in the order in which they run. */
import type { Suite } from '../runner/suite.ts';
import controlPlane from './control-plane.ts';
import pipeline from './pipeline.ts';

export const suites: Suite[] = [controlPlane, pipeline];
