import { configDefaults, defineConfig } from 'vitest/config'
import { leftOutTests } from './libs/testing/src/left-out-tests.ts'

// `source` resolves @hydra/* to their TypeScript, so that tests never run against a stale build.
const conditions = ['source']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['**/src/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...leftOutTests()],
    globalSetup: ['libs/testing/src/vitest-global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    maxWorkers: 2,
    coverage: {
      provider: 'v8',
      include: ['apps/*/src/**', 'libs/*/src/**'],
      exclude: ['**/*.test.ts', '**/*.contract.ts'],
    },
  },
})
