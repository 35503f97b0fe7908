import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';
import { ownFiles } from './tools/own-files.ts';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** The built page keeps its Content-Security-Policy; the development server needs inline styles and a socket. */
const relaxInDevelopment: Plugin = {
  name: 'relax-in-development',
  apply: 'serve',
  transformIndexHtml: (html) => html.replace(/<meta\s+http-equiv="Content-Security-Policy"[^>]*>/, ''),
};

export default defineConfig({
  base: './',
  publicDir: false,
  plugins: [
    relaxInDevelopment,
    ownFiles({ wasm: path('../build/wasm'), coi: path('../node_modules/coi-serviceworker') }),
  ],
  resolve: { alias: { '@core': path('../wasm/core.ts'), '@wasm': path('../build/wasm') } },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  assetsInclude: ['**/*.gguf'],
  worker: { format: 'es' },
  build: {
    target: 'es2023',
    outDir: 'dist',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
