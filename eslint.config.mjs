// Import directions (docs/architecture.md, "Directions") and the rules that need types.
// Everything else is oxlint's: see .oxlintrc.json.
import { readdirSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import nx from '@nx/eslint-plugin'
import tseslint from 'typescript-eslint'

const libs = ['protocol', 'runtime', 'rpc', 'persistence', 'client', 'bots', 'testing']
const scope = (...names) => names.map((name) => `scope:${name}`)

/** Who may import whom. `testing` and the client are for tests and tools, see `testConstraints`. */
const sourceConstraints = [
  { sourceTag: 'scope:protocol', onlyDependOnLibsWithTags: [], allowedExternalImports: ['zod', 'msgpackr'] },
  { sourceTag: 'scope:client', onlyDependOnLibsWithTags: scope('protocol'), allowedExternalImports: ['ws'] },
  {
    // Bots play as any client does: what they know of the servers is what the contracts say.
    sourceTag: 'scope:bots',
    onlyDependOnLibsWithTags: scope('protocol', 'client'),
    allowedExternalImports: [],
  },
  {
    sourceTag: 'scope:runtime',
    onlyDependOnLibsWithTags: scope('protocol'),
    bannedExternalImports: ['nats', 'etcd3', 'kysely', 'mysql2', 'ioredis', 'libsql', 'uWebSockets.js'],
  },
  {
    sourceTag: 'scope:rpc',
    onlyDependOnLibsWithTags: scope('protocol', 'runtime'),
    bannedExternalImports: ['kysely', 'mysql2', 'ioredis', 'libsql', 'uWebSockets.js'],
  },
  {
    sourceTag: 'scope:persistence',
    onlyDependOnLibsWithTags: scope('protocol', 'runtime'),
    bannedExternalImports: ['nats', 'etcd3', 'uWebSockets.js'],
  },
  {
    sourceTag: 'scope:testing',
    onlyDependOnLibsWithTags: scope('protocol', 'runtime'),
    bannedExternalImports: ['nats', 'etcd3', 'kysely', 'uWebSockets.js'],
  },
  {
    sourceTag: 'scope:app',
    onlyDependOnLibsWithTags: scope('protocol', 'runtime', 'rpc', 'persistence'),
    bannedExternalImports: ['nats', 'etcd3', 'kysely', 'mysql2', 'ioredis', 'libsql'],
  },
  {
    sourceTag: 'scope:tools',
    onlyDependOnLibsWithTags: scope(...libs, 'app'),
    bannedExternalImports: ['nats', 'etcd3', 'kysely', 'mysql2', 'ioredis', 'libsql', 'uWebSockets.js'],
  },
  {
    // A benchmark starts clusters with the tools, and measures a bare uWebSockets.js and bare mysql2 beside them.
    sourceTag: 'scope:benchmarks',
    onlyDependOnLibsWithTags: scope(...libs, 'tools'),
    bannedExternalImports: ['nats', 'etcd3', 'kysely', 'ioredis', 'libsql'],
  },
]

/** Tests may also reach the servers of libs/testing; apps' tests may play a client. */
const testConstraints = sourceConstraints.map(({ sourceTag, onlyDependOnLibsWithTags }) => ({
  sourceTag,
  onlyDependOnLibsWithTags: [
    ...new Set([
      ...onlyDependOnLibsWithTags,
      'scope:testing',
      ...(sourceTag === 'scope:app' ? ['scope:client'] : []),
    ]),
  ],
}))

/** Nx forbids all imports of applications; composing them is what tools/ is for. */
const appPackages = ['@hydra/gate', '@hydra/http', '@hydra/game', '@hydra/chat']

const boundaries = (depConstraints, allow = []) => [
  'error',
  {
    enforceBuildableLibDependency: false,
    checkDynamicDependenciesExceptions: ['.*'],
    allow: ['#websocket', ...allow],
    depConstraints,
  },
]

/** A rule file carries its folder's name (`channel/channel.ts`): plain values and a clock in, values out. */
const ruleFiles = ['gate', 'http', 'game', 'chat'].flatMap((app) => {
  const src = join(import.meta.dirname, 'apps', app, 'src')
  return readdirSync(src, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(src, entry.name, `${entry.name}.ts`)))
    .map((entry) => `apps/${app}/src/${entry.name}/${entry.name}.ts`)
})

export default tseslint.config(
  {
    ignores: [
      'vitest.config.ts',
      '**/dist/**',
      '**/node_modules/**',
      '.nx/**',
      '.hydra/**',
      'coverage/**',
      '**/*.mjs',
    ],
  },
  {
    files: ['**/*.ts'],
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    plugins: { '@nx': nx, '@typescript-eslint': tseslint.plugin },
    rules: {
      '@nx/enforce-module-boundaries': boundaries(sourceConstraints),
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    files: ['**/*.test.ts', '**/*.contract.ts', '**/src/test-support/**'],
    rules: { '@nx/enforce-module-boundaries': boundaries(testConstraints) },
  },
  {
    files: ['tools/src/**/*.ts'],
    rules: { '@nx/enforce-module-boundaries': boundaries(sourceConstraints, appPackages) },
  },
  {
    files: ['benchmarks/src/**/*.ts'],
    rules: { '@nx/enforce-module-boundaries': boundaries(sourceConstraints, ['@hydra/tools']) },
  },
  {
    // The end-to-end tests and the chaos run look at the backends with plain clients, not with the code that is under test.
    files: ['tools/src/**/*.test.ts', 'tools/src/e2e/**/*.ts', 'tools/src/chaos/**/*.ts'],
    rules: { '@nx/enforce-module-boundaries': boundaries(testConstraints, appPackages) },
  },
  {
    files: ['libs/protocol/src/**/*.ts', 'libs/client/src/**/*.ts', 'libs/bots/src/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['node:*'], message: 'This library runs in browsers.' }] },
      ],
    },
  },
  {
    files: ['apps/gate/src/**/*.ts'],
    ignores: ['apps/gate/src/socket/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { paths: [{ name: 'uWebSockets.js', message: 'Only socket/ touches the native library.' }] },
      ],
    },
  },
  ...(ruleFiles.length === 0
    ? []
    : [
        {
          files: ruleFiles,
          rules: {
            '@typescript-eslint/no-restricted-imports': [
              'error',
              {
                patterns: [
                  {
                    group: ['node:*', '@hydra/rpc', '@hydra/persistence', 'hono*'],
                    // A type is no I/O: rules name what they decide upon.
                    allowTypeImports: true,
                    message: 'Rule files do no I/O.',
                  },
                ],
              },
            ],
            'no-restricted-globals': ['error', 'Date', 'setTimeout', 'setInterval', 'fetch', 'process'],
          },
        },
      ]),
)
