import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const shots = process.argv.includes('shots');

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  test: {
    include: shots ? ['shots.e2e.ts'] : ['*.e2e.ts'],
    exclude: shots ? [] : ['shots.e2e.ts'],
    // One product, and two cores.
    fileParallelism: false,
    testTimeout: 90_000,
    // As long as whatever else is waited for; see PATIENCE.
    expect: { poll: { timeout: 20_000 } },
    hookTimeout: 60_000,
  },
});
