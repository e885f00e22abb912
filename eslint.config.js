import tseslint from 'typescript-eslint';
import { layers } from './eslint.layers.js';

export default tseslint.config(
  { ignores: ['dist/', 'demo/', 'backup.git/', 'test/support/portal/files/'] },
  ...tseslint.configs.recommendedTypeChecked,
  { plugins: { house: { rules: { layers } } }, rules: { 'house/layers': 'error' } },
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
