import { defineConfig } from '@playwright/test';

/** The built page in a real browser. CHROMIUM names another binary than Debian's. */
export default defineConfig({
  testDir: 'e2e',
  outputDir: '../../build/test/page',
  globalSetup: './e2e/support/setup.ts',
  timeout: 45_000,
  expect: { timeout: 15_000 },
  fullyParallel: true,
  workers: 2,
  reporter: 'list',
  use: {
    browserName: 'chromium',
    actionTimeout: 10_000,
    viewport: { width: 1440, height: 900 },
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
