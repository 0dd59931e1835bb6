import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger, systemClock } from '@hydra/runtime'
import { dirVariable } from '@hydra/testing'
import { afterAll, beforeAll } from 'vitest'
import { startEmbeddedHydra, type EmbeddedHydra } from '../start/embedded-hydra.ts'

/**
 * All four services in this process for the tests around the call: on free ports, with a database of their own.
 *
 * @example
 * const embedded = useEmbeddedHydra({ HYDRA_GAME_ROLE_GRACE_MS: '200' })
 * it('answers', () => connectTo(embedded.hydra.gateUrl))
 */
export function useEmbeddedHydra(settings: Readonly<Record<string, string>>): {
  readonly hydra: EmbeddedHydra
} {
  let folder: string
  let hydra: EmbeddedHydra | undefined
  beforeAll(async () => {
    folder = await mkdtemp(join(process.env[dirVariable] ?? tmpdir(), 'embedded-'))
    hydra = await startEmbeddedHydra({
      confDir: 'data/conf',
      sqliteFile: join(folder, 'hydra.sqlite'),
      env: { HYDRA_HTTP_HTTP_PORT: '0', HYDRA_GATE_GATE_PORT: '0', HYDRA_OPS_PORT: '0', ...settings },
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
