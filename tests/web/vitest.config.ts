import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

export default defineConfig({
  resolve: {
    alias: {
      '@core': path('../../wasm/core.ts'),
      '@wasm': path('../../build/wasm'),
      '@web': path('../../web/src'),
    },
  },
  test: { include: ['unit/**/*.test.ts'] },
});
