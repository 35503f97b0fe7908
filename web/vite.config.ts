import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

export default defineConfig({
  base: './',
  publicDir: false,
  resolve: { alias: { '@core': path('../wasm/core.ts'), '@wasm': path('../build/wasm') } },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { format: 'es' },
  build: { target: 'es2023', outDir: 'dist', sourcemap: false, modulePreload: { polyfill: false } },
});
