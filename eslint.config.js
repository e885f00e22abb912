import tseslint from 'typescript-eslint';

/** Who may import whom, so that each folder can be read, tested and replaced alone: the reason is the message. */
const layer = (files, allowed, reason) => ({
  files,
  rules: {
    'no-restricted-imports': ['error', { patterns: [{ regex: `^\\.\\.?/(?!${allowed})`, message: reason }] }],
  },
});

export default tseslint.config(
  { ignores: ['dist/', 'demo/', 'backup.git/', 'test/support/portal/files/'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { project: './tsconfig.test.json' } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-console': 'error',
      // A leading underscore says: here for its place only.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-empty': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: ['lib/**/*.ts', 'functions/**/*.ts'],
    ignores: ['lib/settings/settings.ts', 'lib/clock.ts', 'lib/cli/main.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only lib/settings/settings.ts reads the environment.' },
        { object: 'Date', property: 'now', message: 'Time comes from the injected clock.' },
        { object: 'Math', property: 'random', message: 'Randomness is injected.' },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
          message: 'Time comes from the injected clock.',
        },
      ],
    },
  },
  {
    files: ['lib/backup/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^\\.\\./',
              message: 'The core decides; it imports nothing of the rest, so that it can be tested as tables.',
            },
            { regex: '^(node:|@azure|@esri|isomorphic-git|durable-functions)', message: 'The core does no I/O.' },
          ],
        },
      ],
      'no-restricted-globals': [
        'error',
        { name: 'fetch', message: 'The core does no I/O.' },
        { name: 'process', message: 'The core does no I/O.' },
        { name: 'setTimeout', message: 'The core does not wait.' },
      ],
    },
  },
  layer(
    ['lib/storage/**/*.ts', 'lib/monitor/**/*.ts'],
    '[^.]|\\.\\./errors\\.ts|errors\\.ts|clock\\.ts|secret\\.ts|connections\\.ts',
    'Stores and monitors know only errors, clocks and connections, so that they can be replaced alone.',
  ),
  layer(['lib/git/**/*.ts'], '[a-z-]+\\.ts$|errors\\.ts|clock\\.ts|storage/', 'Git knows only the store.'),
  layer(
    ['lib/arcgis/**/*.ts'],
    '[a-z-]+\\.ts$|errors\\.ts|clock\\.ts|connections\\.ts|secret\\.ts|settings\\.ts|backup/',
    'The portal knows only the words of the core.',
  ),
  layer(
    ['functions/**/*.ts'],
    '[A-Za-z]+\\.ts$|lib/(app|activity|errors|run/await-export)\\.ts|lib/(backup|api)/',
    'Functions register and pass on; what they do is in lib.',
  ),
  {
    files: ['test/**/*.ts', 'bench/**/*.ts', 'infra/**/*.ts'],
    rules: {
      // node:test's own promises need no hand.
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', name: ['test', 'it', 'describe', 'suite'], package: 'node:test' },
          ],
        },
      ],
    },
  },
  { files: ['bench/**/*.ts', 'test/support/**/main.ts', 'test/support/demo.ts'], rules: { 'no-console': 'off' } },
  { files: ['**/*.js', '**/*.config.ts'], extends: [tseslint.configs.disableTypeChecked] },
);
