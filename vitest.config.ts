import { defineConfig } from 'vitest/config'

const everywhere = { exclude: ['**/node_modules/**', 'dist/**', '.data/**'] }
const databases = { globalSetup: ['shared/testing/global-setup.ts'], testTimeout: 30_000, hookTimeout: 60_000 }

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...everywhere,
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...everywhere.exclude, '**/*.int.test.ts', 'tests/e2e/**', 'tests/observability/**', 'tests/images/**'],
        },
      },
      { test: { ...everywhere, ...databases, name: 'integration', include: ['**/*.int.test.ts'] } },
      {
        test: {
          ...everywhere,
          name: 'observability',
          include: ['tests/observability/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          ...everywhere,
          name: 'images',
          include: ['tests/images/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          ...everywhere,
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
