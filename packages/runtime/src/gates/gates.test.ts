import { featureGates, UnknownGateError } from './gates.ts';

test('RTM-566: gates can be opted into and out of; unknown ones are errors to set and to ask', () => {
  const gates = featureGates({ A: false, B: true, C: true }, { A: true, B: false });
  expect(['A', 'B', 'C'].map((name) => gates.enabled(name))).toEqual([true, false, true]);
  expect(() => gates.enabled('D')).toThrow(UnknownGateError);
  expect(() => featureGates({ A: false }, { D: true })).toThrow(/'D' is not supported/);
});
