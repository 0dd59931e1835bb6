import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger, systemClock } from '@hydra/runtime'
import { dirVariable } from '@hydra/testing'
import { afterAll, beforeAll } from 'vitest'
import { startEmbeddedHydra, type EmbeddedHydra } from '../dev/embedded-hydra.ts'

type Settings = Readonly<Record<string, string>>

/**
 * All four services in this process for the tests around the call: on free ports, with a database of their own. Settings
 * that are known only when the tests begin are given as a function.
 *
 * @example
 * const embedded = useEmbeddedHydra({ HYDRA_GAME_ROLE_GRACE_MS: '200' })
 * it('answers', () => connectTo(embedded.hydra.gateUrl))
 */
export function useEmbeddedHydra(settings: Settings | (() => Settings)): {
  readonly hydra: EmbeddedHydra
} {
  let folder: string
  let hydra: EmbeddedHydra | undefined
  beforeAll(async () => {
    folder = await mkdtemp(join(process.env[dirVariable] ?? tmpdir(), 'embedded-'))
    hydra = await startEmbeddedHydra({
      confDir: 'data/conf',
      sqliteFile: join(folder, 'hydra.sqlite'),
      env: {
        HYDRA_HTTP_HTTP_PORT: '0',
        HYDRA_GATE_GATE_PORT: '0',
        HYDRA_OPS_PORT: '0',
        ...(typeof settings === 'function' ? settings() : settings),
      },
      clock: systemClock,
      log: silentLogger,
    })
  })
  afterAll(async () => {
    await hydra?.stop()
    await rm(folder, { recursive: true, force: true })
  })
  return {
    get hydra() {
      if (hydra === undefined) throw new Error('The services run during tests only.')
      return hydra
    },
  }
}
