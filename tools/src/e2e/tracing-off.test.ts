import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { dirVariable } from '@hydra/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startOtlpReceiver, type OtlpReceiver } from './otlp-receiver.ts'

const program = fileURLToPath(new URL('loaded-modules.fixture.ts', import.meta.url))
const root = fileURLToPath(new URL('../../../', import.meta.url))

/** The modules of OpenTelemetry's SDK that a process with these settings has loaded when it has answered requests. */
async function loadedWith(settings: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const { PATH = '', HOME = '', [dirVariable]: folder } = process.env
  const env = {
    PATH,
    HOME,
    ...(folder === undefined ? {} : { [dirVariable]: folder }),
    HYDRA_HTTP_HTTP_PORT: '0',
    HYDRA_GATE_GATE_PORT: '0',
    HYDRA_GAME_ROLE_GRACE_MS: '50',
    ...settings,
  }
  const args = ['--conditions=source', '--import', 'tsx', program]
  const { stdout } = await promisify(execFile)(process.execPath, args, { env, cwd: root })
  return JSON.parse(stdout) as string[]
}

describe('tracing that is off', { timeout: 60_000 }, () => {
  let receiver: OtlpReceiver
  beforeAll(async () => {
    receiver = await startOtlpReceiver()
  })
  afterAll(() => receiver.close())

  it('sends nothing and loads nothing, without an endpoint or with a ratio of 0', async () => {
    const endpoint = { HYDRA_TRACING_ENDPOINT: receiver.endpoint }
    expect(await loadedWith({ HYDRA_TRACING_SAMPLE_RATIO: '1' })).toEqual([])
    expect(await loadedWith({ ...endpoint, HYDRA_TRACING_SAMPLE_RATIO: '0' })).toEqual([])
    expect(receiver.requests).toEqual([])
    // Whereas tracing that is on does both.
    const on = { ...endpoint, HYDRA_TRACING_SAMPLE_RATIO: '1', HYDRA_TRACING_FLUSH_TIMEOUT_MS: '5000' }
    expect(await loadedWith(on)).not.toEqual([])
    const services = new Set(receiver.spans.map(({ service }) => service))
    expect(services).toEqual(new Set(['hydra-chat', 'hydra-game', 'hydra-gate', 'hydra-http']))
  })

  it('is never tripped up by an endpoint that is not there', async () => {
    const { endpoint, close } = await startOtlpReceiver()
    await close()
    const loaded = await loadedWith({ HYDRA_TRACING_ENDPOINT: endpoint, HYDRA_TRACING_SAMPLE_RATIO: '1' })
    expect(loaded).not.toEqual([])
  })
})
