// Run as a process of its own by tracing-off.test.ts: starts all services with the settings of its environment, has one
// request answered, and prints which modules of OpenTelemetry's SDK are loaded then.
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger, systemClock } from '@hydra/runtime'
import { dirVariable } from '@hydra/testing'
import { startEmbeddedHydra } from '../dev/embedded-hydra.ts'
import { newPlayer } from './new-player.ts'

const folder = await mkdtemp(join(process.env[dirVariable] ?? tmpdir(), 'loaded-'))
const hydra = await startEmbeddedHydra({
  confDir: 'data/conf',
  sqliteFile: join(folder, 'hydra.sqlite'),
  env: process.env,
  clock: systemClock,
  log: silentLogger,
})
const { client } = await newPlayer(hydra.httpUrl)
await client.close()
await hydra.stop()
await rm(folder, { recursive: true, force: true })
const loaded = Object.keys(createRequire(import.meta.url).cache)
// prom-client loads the API, which is interfaces; SDK and exporter are what must not be there.
console.log(JSON.stringify(loaded.filter((path) => /@opentelemetry[\\/](?!api[\\/])/.test(path))))
