import nx from '@nx/eslint-plugin';
import devkit from '@nx/devkit';
import tseslint from 'typescript-eslint';

// The boundaries rule reads Nx's project graph from its cache and checks nothing without one: compute it first, here, so
// that every way of starting ESLint has it. About a second; no daemon, nothing leaves the machine.
process.env.NX_DAEMON = 'false';
process.env.NX_NO_CLOUD = 'true';
await devkit.createProjectGraphAsync({ exitOnError: false });

// The layers of docs/architecture.md. A project may depend on the layers named here and on nothing else of ours.
const layers = {
  api: [],
  base: ['api', 'base'],
  runtime: ['api', 'base'],
  engine: ['api', 'base', 'engine'],
  embedded: ['api', 'base'],
  app: ['api', 'base', 'runtime', 'engine'],
  cli: ['api', 'base', 'runtime', 'engine', 'embedded'],
  e2e: ['api', 'base', 'runtime', 'engine', 'embedded'],
};

/** The boundaries, with layers that every project may use on top. */
const boundaries = (...more) => [
  'error',
  {
    allow: [],
    // Node runs the sources of a package directly; there is no build step between them.
    enforceBuildableLibDependency: false,
    banTransitiveDependencies: true,
    // The embedded API server is made of lower packages, whose tests run against it: no cycle among sources.
    ignoredCircularDependencies: ['api', 'kube', 'artifact', 'auth', 'template'].map((name) => [
      '@gitops-toolkit/embedded-kube',
      `@gitops-toolkit/${name}`,
    ]),
    depConstraints: Object.entries(layers).map(([layer, allowed]) => ({
      sourceTag: `layer:${layer}`,
      onlyDependOnLibsWithTags: [...allowed, ...more].map((name) => `layer:${name}`),
    })),
  },
];

export default [
  { ignores: ['**/node_modules/**', '**/testdata/**', '**/dist/**', '.nx/**', 'charts/**'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': boundaries(),
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      'no-console': ['error', { allow: ['error', 'warn'] }],
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'] }],
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['@gitops-toolkit/*/*', '!@gitops-toolkit/git/testing'],
              message: "Import from the package's index; what it leaves out is private.",
            },
          ],
        },
      ],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  // A file that cannot be read in one sitting is two files.
  { files: ['**/*.ts'], ignores: ['**/*.test.ts'], rules: { 'max-lines': ['error', { max: 450 }] } },
  {
    files: ['packages/*/src/index.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'Program > :not(ExportAllDeclaration, ExportNamedDeclaration), ExportNamedDeclaration > .declaration',
          message: 'The index of a package only re-exports its public names.',
        },
      ],
    },
  },
  { files: ['scripts/**', 'e2e/**', 'apps/cli/**'], rules: { 'no-console': 'off' } },
  // Tests of any layer may run against the embedded API server.
  { files: ['**/*.test.ts'], rules: { '@nx/enforce-module-boundaries': boundaries('embedded') } },
];
