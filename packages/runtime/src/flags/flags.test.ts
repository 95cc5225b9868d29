import { boolFlag, durationFlag, gatesFlag, intFlag, listFlag, numberFlag, stringFlag } from './types.ts';
import { parseFlags, usage, UsageError } from './parse.ts';

const declared = {
  name: stringFlag('x', 'A name.', { env: 'NAME' }),
  count: intFlag(4, 'A count.', { min: 1 }),
  ratio: numberFlag(0.5, 'A ratio.'),
  wait: durationFlag('30s', 'A wait.'),
  on: boolFlag(false, 'A switch.'),
  manager: listFlag('Managers.'),
  'feature-gates': gatesFlag('Gates.'),
};
const parse = (args: string[], env = {}) => parseFlags(declared, args, env).values;

test('RTM-403: --flag=value, --flag value, booleans with and without value, the last one wins', () => {
  expect(parse([])).toEqual({
    name: 'x',
    count: 4,
    ratio: 0.5,
    wait: 30_000,
    on: false,
    manager: [],
    'feature-gates': {},
  });
  expect(parse(['--name=a=b', '--count', '7', '--on', '--wait', '1m30s', '--ratio=2'])).toMatchObject({
    name: 'a=b',
    count: 7,
    on: true,
    wait: 90_000,
    ratio: 2,
  });
  expect(parse(['--on', '--on=false', '--name', 'a', '--name', 'b'])).toMatchObject({ on: false, name: 'b' });
  expect(parse(['--name', '--dashed'])).toMatchObject({ name: '--dashed' });
});

test('RTM-364, RTM-370: lists and gates collect over commas and occurrences', () => {
  const values = parse(['--manager=a,b', '--manager', 'c', '--feature-gates=A=true,B=0', '--feature-gates=B=true']);
  expect(values.manager).toEqual(['a', 'b', 'c']);
  expect(values['feature-gates']).toEqual({ A: true, B: true });
});

test('RTM-435: a variable replaces the default, an empty one does not, a flag wins', () => {
  expect(parse([], { NAME: 'env' }).name).toBe('env');
  expect(parse([], { NAME: '' }).name).toBe('x');
  expect(parse(['--name=flag'], { NAME: 'env' }).name).toBe('flag');
});

test('RTM-266, RTM-426: what cannot be understood is named', () => {
  const failures: [string[], RegExp][] = [
    [['--nope'], /unknown flag: --nope/],
    [['stray'], /unexpected argument 'stray'/],
    [['--count'], /needs a value: --count/],
    [['--count=1.5'], /--count.*whole number/],
    [['--count=0'], /--count.*out of range/],
    [['--wait=fast'], /--wait.*duration/],
    [['--on=maybe'], /--on.*neither true nor false/],
    [['--feature-gates=A=perhaps'], /feature-gates.*neither true nor false/],
    [['--feature-gates=A'], /feature-gates.*name=true/],
    [['--constructor'], /unknown flag: --constructor/],
  ];
  for (const [args, message] of failures) {
    expect(() => parse(args)).toThrow(UsageError);
    expect(() => parse(args)).toThrow(message);
  }
});

test('RTM-266: the usage lists every flag with type and default', () => {
  const text = usage('thing-controller', declared);
  expect(text).toMatch(/^Usage of thing-controller:/);
  expect(text).toContain('--wait duration\n            A wait. (default 30s)');
  expect(text).toContain('variable NAME');
});
