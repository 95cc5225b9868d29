import { parseOptions, UsageError } from './options.ts';

const parse = (args: string[], env: NodeJS.ProcessEnv = {}) => parseOptions(args, env);

test('both kinds of control plane by default, and one when named', () => {
  expect(parse([])).toMatchObject({ kinds: ['embedded', 'real'], suites: [], strict: false });
  expect(parse(['--control-plane', 'real'])).toMatchObject({ kinds: ['real'] });
  expect(parse(['--control-plane=embedded', '--suite', 'a', '--suite', 'b'])).toMatchObject({
    kinds: ['embedded'],
    suites: ['a', 'b'],
  });
});

test('a kubeconfig names an existing cluster, relative to where npm was called', () => {
  expect(parse(['--kubeconfig', 'k.yaml'], { GOTK_CWD: '/somewhere' })).toMatchObject({
    kinds: ['existing'],
    kubeconfig: '/somewhere/k.yaml',
  });
});

test('CI accepts no control plane that cannot run', () => {
  expect(parse([], { CI: 'true' })).toMatchObject({ strict: true });
});

test('help, and what is wrong with the arguments', () => {
  expect(parse(['--help'])).toBe('help');
  expect(() => parse(['--control-plane', 'kind'])).toThrow(UsageError);
  expect(() => parse(['--control-plane', 'real', '--kubeconfig', 'k'])).toThrow(/leave --control-plane out/);
  expect(() => parse(['--nonsense'])).toThrow(UsageError);
});
