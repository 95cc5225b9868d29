import { matchesReference } from './check.ts';

describe('plugins', () => {
  test('KZE-890, KZE-891, KZE-892, KZE-893, KZE-1074: builtin transformers configured as objects', () =>
    matchesReference('plugins/transformers'));
  test('KZE-890, KZE-892: builtin generators configured as objects', () => matchesReference('plugins/generators'));
  test('KZE-371, KZE-974: other plugins are refused', () => matchesReference('plugins/external'));
  test('KZE-371: an unknown builtin', () => matchesReference('plugins/unknown-builtin'));
  test('KZE-371: a generator is no transformer', () => matchesReference('plugins/generator-as-transformer'));
  test('KZE-896, KZE-372: a validator that changes something', () => matchesReference('plugins/validator'));
  test('KZE-896: the one label that a validator may add', () => matchesReference('plugins/validated-by'));
  test('KZE-373, KZE-895: charts are refused', () => matchesReference('plugins/helm'));
  test('KZE-894: a service account for GKE', () => matchesReference('plugins/iam-policy'));
});
