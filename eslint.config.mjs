import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

// The layers of docs/architecture.md. A project may depend on the layers named here and on nothing else of ours.
const layers = {
  api: [],
  base: ['api', 'base'],
  runtime: ['api', 'base'],
  engine: ['api', 'base', 'engine'],
  embedded: ['api', 'base'],
  app: ['api', 'base', 'runtime', 'engine'],
  cli: ['api', 'base', 'runtime', 'engine', 'embedded', 'app'],
  e2e: ['api', 'base', 'runtime', 'engine', 'embedded', 'cli'],
};

export default [
  { ignores: ['**/node_modules/**', '**/testdata/**', '**/dist/**', '.nx/**', 'charts/**'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          allow: [],
          // Node runs the sources of a package directly; there is no build step between them.
          enforceBuildableLibDependency: false,
          banTransitiveDependencies: true,
          depConstraints: Object.entries(layers).map(([layer, allowed]) => ({
            sourceTag: `layer:${layer}`,
            onlyDependOnLibsWithTags: allowed.map((name) => `layer:${name}`),
          })),
        },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      'no-console': ['error', { allow: ['error', 'warn'] }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  { files: ['scripts/**', 'e2e/**', 'apps/cli/**'], rules: { 'no-console': 'off' } },
  // Tests of any layer may run against the embedded API server.
  { files: ['**/*.test.ts'], rules: { '@nx/enforce-module-boundaries': 'off' } },
];
