import { defineConfig } from 'vitest/config'

// Tests read the workspace's TypeScript itself: no build comes before them. Conditions named here
// reach Node's own resolver too: `import` must not be among them, or every `require` of a package
// with two builds would be given the wrong one.
const conditions = ['@countersign/source', 'node']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'packages/*/test/**/*.test.ts',
      'examples/**/*.test.ts',
      'interop/**/*.test.ts',
      'runtime-tests/**/*.test.ts',
      'tools/**/*.test.ts',
    ],
    exclude: ['**/node_modules/**', '**/dist/**'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
  },
})
