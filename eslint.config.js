import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig(
  {
    ignores: [
      'build/',
      'wasm/host.js',
      'tests/golden/',
      '**/node_modules/',
      'web/dist/',
      '**/test-results/',
      '**/playwright-report/',
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      'max-lines': ['error', { max: 350, skipComments: true }],
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true, IIFEs: true }],
      'no-restricted-properties': [
        'error',
        { property: 'innerHTML', message: 'Untrusted text goes in as text nodes only.' },
        { property: 'outerHTML', message: 'Untrusted text goes in as text nodes only.' },
        { property: 'insertAdjacentHTML', message: 'Untrusted text goes in as text nodes only.' },
      ],
      'no-console': 'error',
      eqeqeq: 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  {
    files: ['**/tools/**', 'tests/**'],
    rules: { 'no-console': 'off', 'max-lines-per-function': 'off' },
  },
);
