/** Every suite, in the order in which they run. */
import type { Suite } from '../runner/suite.ts';
import badInput from './bad-input.ts';
import conformance from './conformance/index.ts';
import controlPlane from './control-plane.ts';
import faults from './faults.ts';
import flags from './flags.ts';
import gotkUp from './gotk-up.ts';
import pipeline from './pipeline.ts';
import resilience from './resilience.ts';

export const suites: Suite[] = [controlPlane, conformance, pipeline, badInput, faults, flags, resilience, gotkUp];
