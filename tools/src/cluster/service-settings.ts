import { join } from 'node:path'
import { chatConfigSchema } from '@hydra/chat'
import { gameConfigSchema } from '@hydra/game'
import { gateConfigSchema } from '@hydra/gate'
import { httpConfigSchema } from '@hydra/http'
import { configFileVariable, loadConfig, type Environment } from '@hydra/runtime'
import type { z } from 'zod'
import type { UpRequest } from './messages.ts'

/** What a cluster takes from the configuration of its services. */
export type ServiceSettings = Pick<UpRequest, 'ports' | 'stopTimeoutMs'>

/**
 * Reads the configuration of all four services as they will, so that a mistake shows before anything is started.
 *
 * @throws HydraError `CONFIG_INVALID`
 */
export function readServiceSettings(root: string, env: Environment): ServiceSettings {
  const load = <S extends z.ZodType>(service: string, schema: S): z.output<S> =>
    loadConfig({
      file: env[configFileVariable(service)] ?? join(root, 'data', 'conf', `${service}server.toml`),
      schema,
      service,
      env,
    })
  const gate = load('gate', gateConfigSchema)
  const http = load('http', httpConfigSchema)
  const game = load('game', gameConfigSchema)
  const chat = load('chat', chatConfigSchema)
  return {
    // 0 is "any" to a service; here each process has to be found again.
    ports: {
      gate: gate.gate.port || 3_250,
      http: http.http.port || 9_001,
      ops: gate.ops.port || 9_101,
    },
    stopTimeoutMs: Math.max(...[gate, http, game, chat].map(({ service }) => service.stopTimeoutMs)),
  }
}
