import comments from '@eslint-community/eslint-plugin-eslint-comments';
import js from '@eslint/js';
import tseslint from 'typescript-eslint';

import { arrowsRule } from './tools/lint/arrows-rule.ts';
import { effectBans, environmentBans, portBans, shapeBans, testBans } from './tools/lint/bans.ts';

/** Several of these run side by side in one simulator, each with a clock of its own. */
const withoutEffects = [
  ...['core', 'engine', 'reconcile', 'source', 'kubernetes', 'protocol'].map(
    (area) => `src/${area}/**`,
  ),
  'src/emulator/world.ts',
  'src/emulator/world/**',
];
const tests = ['test/**/*.ts', 'examples/**/*.test.ts'];

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', '**/generated/**', '**/*.generated.*'] },
  {
    linterOptions: { reportUnusedDisableDirectives: 'error', reportUnusedInlineConfigs: 'error' },
    plugins: {
      comments,
      fairlead: { rules: { arrows: arrowsRule } },
    },
  },
  js.configs.recommended,
  {
    rules: {
      'comments/no-unlimited-disable': 'error',
      'comments/no-use': [
        'error',
        {
          allow: [
            'eslint-disable-next-line',
            'eslint-disable-line',
            'eslint-disable',
            'eslint-enable',
          ],
        },
      ],
      'comments/require-description': ['error', { ignore: ['eslint-enable'] }],
      complexity: ['error', 10],
      eqeqeq: 'error',
      'max-depth': ['error', 3],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 4],
      'no-console': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      'fairlead/arrows': 'error',
      '@typescript-eslint/ban-ts-comment': [
        'error',
        { 'ts-expect-error': 'allow-with-description', minimumDescriptionLength: 10 },
      ],
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-extraneous-class': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/only-throw-error': 'error',
      // An interface may be asynchronous although one of its implementations has nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      ...shapeBans,
    },
  },
  { files: ['src/**'], ignores: ['src/cli/**'], rules: environmentBans },
  { files: withoutEffects, rules: effectBans },
  { files: ['src/ports/**'], rules: portBans },
  {
    files: ['src/cli/**', 'ci/**', 'tools/**', 'bench/**', 'test/**', 'examples/**'],
    rules: { 'no-console': 'off' },
  },
  {
    files: tests,
    rules: {
      ...testBans,
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/unbound-method': 'off',
      complexity: 'off',
      'max-params': 'off',
    },
  },
  {
    files: ['*.config.{js,ts}'],
    // Their tools read the default export.
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['src/cli/launcher.cjs'],
    // It must parse on any Node to be able to say which one is needed.
    languageOptions: {
      sourceType: 'commonjs',
      ecmaVersion: 2020,
      globals: {
        __dirname: 'readonly',
        __filename: 'readonly',
        console: 'readonly',
        process: 'readonly',
      },
    },
    rules: { 'no-var': 'off', 'object-shorthand': 'off' },
  },
);
