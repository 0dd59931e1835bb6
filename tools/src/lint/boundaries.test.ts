import { ESLint } from 'eslint'
import { beforeAll, describe, expect, it } from 'vitest'

/** Each pair is an existing file and a line that must not appear in it. */
const forbidden = [
  ['apps/gate/src/app.ts', `import '@hydra/game'`, 'apps never import apps'],
  ['libs/protocol/src/limits.ts', `import '@hydra/runtime'`, 'protocol imports nothing of ours'],
  ['libs/protocol/src/limits.ts', `import 'node:fs'`, 'protocol runs in browsers'],
  ['libs/client/src/index.ts', `import '@hydra/runtime'`, 'the client imports protocol only'],
  ['libs/bots/src/bot.ts', `import '@hydra/runtime'`, 'bots import protocol and client only'],
  ['libs/bots/src/bot.ts', `import 'node:fs'`, 'bots run in browsers'],
  ['libs/runtime/src/clock.ts', `import '@hydra/rpc'`, 'runtime imports protocol only'],
  ['libs/rpc/src/peer.ts', `import '@hydra/persistence'`, 'rpc and persistence never import each other'],
  [
    'libs/persistence/src/role-snapshot.ts',
    `import '@hydra/rpc'`,
    'rpc and persistence never import each other',
  ],
  ['libs/rpc/src/peer.ts', `import '@hydra/testing'`, 'only tests reach the test servers'],
  ['apps/game/src/app.ts', `import 'nats'`, 'only rpc knows NATS'],
  ['apps/game/src/app.ts', `import 'etcd3'`, 'only rpc knows etcd'],
  ['apps/chat/src/app.ts', `import 'ioredis'`, 'only persistence knows Redis'],
  ['apps/http/src/app.ts', `import 'kysely'`, 'only persistence knows SQL'],
  ['apps/gate/src/app.ts', `import 'uWebSockets.js'`, 'only socket/ touches the native library'],
  [
    'apps/game/src/app.ts',
    `import '../../../libs/protocol/src/limits.ts'`,
    'libraries are reached through their index',
  ],
  ['benchmarks/src/main.ts', `import 'nats'`, 'benchmarks reach NATS through rpc'],
  ['apps/game/src/role/role.ts', `import '@hydra/persistence'`, 'rule files do no I/O'],
  ['apps/game/src/role/role.ts', `import 'node:fs'`, 'rule files do no I/O'],
  ['apps/chat/src/channel/channel.ts', `export const now = Date.now()`, 'a rule is given its clock'],
] as const

const allowed = [
  ['apps/game/src/app.ts', `import '@hydra/rpc'\nimport '@hydra/persistence'`],
  ['libs/rpc/src/peer.ts', `import '@hydra/runtime'\nimport 'nats'`],
  ['apps/chat/src/alliance/alliance.ts', `import type { Alliance } from '@hydra/persistence'`],
  ['tools/src/dev/main.ts', `import '@hydra/gate'\nimport '@hydra/game'`],
] as const

describe('import directions', () => {
  let eslint: ESLint
  beforeAll(() => {
    eslint = new ESLint()
  })

  const complaints = async (filePath: string, line: string) => {
    const [result] = await eslint.lintText(`${line}\n`, { filePath })
    return (result?.messages ?? []).map(({ ruleId }) => ruleId)
  }

  it.each(forbidden)('%s may not say: %s (%s)', { timeout: 60_000 }, async (filePath, line) => {
    const rules = await complaints(filePath, line)
    expect(rules).toHaveLength(1)
    expect([
      '@nx/enforce-module-boundaries',
      'no-restricted-imports',
      '@typescript-eslint/no-restricted-imports',
      'no-restricted-globals',
    ]).toContain(rules[0])
  })

  it.each(allowed)('%s may say: %s', { timeout: 60_000 }, async (filePath, lines) => {
    expect(await complaints(filePath, lines)).toEqual([])
  })
})
