import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { alias: { '@core': fileURLToPath(new URL('../../wasm/core.ts', import.meta.url)) } },
  test: { include: ['*.test.ts'], testTimeout: 120_000 },
});
