import { testNames } from './test-names.ts';

const namesIn = (source: string) => testNames(source).map(({ text }) => text);

test('names of tests and groups are read, whatever quotes and modifiers they have', () => {
  const source = `
    describe('group', () => {
      test("double", () => {});
      it(\`template \${1 + 1} end\`, async () => {});
      test.concurrent('modifier', () => {});
      test('two ' + 'parts', () => {});
    });`;
  expect(namesIn(source)).toEqual(['group', 'double', 'template   end', 'modifier', 'two parts']);
});

test('rows of a table count, because their texts become part of the name', () => {
  const source = `test.each([['SRC-1: a', 1], ['SRC-2: b', 2]])('%s', () => {});`;
  expect(namesIn(source)).toEqual(['%s', 'SRC-1: a', 'SRC-2: b']);
});

test('skipped tests, comments and other strings do not count', () => {
  const source = `
    // test('comment', () => {});
    test.skip('skipped', () => {});
    describe.skip('group', () => { test('inside', () => {}); });
    test.todo('later');
    expect('string').toBe('string');`;
  expect(namesIn(source)).toEqual([]);
});

test('cases of an end-to-end suite are objects with a name and a run function', () => {
  const source = `suite('pipeline', [{ name: 'RTM-1: first', async run() {} }, { name: 'not a case' }]);`;
  expect(namesIn(source)).toEqual(['pipeline', 'RTM-1: first']);
});

test('lines are told', () => {
  expect(testNames(`\n\ntest('third', () => {});`)).toEqual([{ text: 'third', line: 3 }]);
});
