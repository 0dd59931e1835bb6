import { chatConfigSchema } from '@hydra/chat'
import { gameConfigSchema } from '@hydra/game'
import { gateConfigSchema } from '@hydra/gate'
import { httpConfigSchema } from '@hydra/http'
import { describeConfig, type ConfigSection } from '@hydra/runtime'
import type { z } from 'zod'

/** A service with a configuration of its own. */
export interface ConfiguredService {
  readonly service: string
  /** What it is for, in a few words. */
  readonly about: string
  readonly schema: z.ZodType
}

/** All services, in the order in which they are explained. */
export const configuredServices: readonly ConfiguredService[] = [
  { service: 'gate', about: 'client connections', schema: gateConfigSchema },
  { service: 'http', about: 'accounts, tokens, the list of gates', schema: httpConfigSchema },
  { service: 'game', about: 'roles, and saving them', schema: gameConfigSchema },
  { service: 'chat', about: 'channels, history, who is online', schema: chatConfigSchema },
]

/** One section with those services that have exactly it, whatever their defaults are. */
export interface SectionOfServices extends ConfigSection {
  readonly services: readonly string[]
}

/**
 * Every section of every service. Those of one name are one section when they have the same keys with the same
 * descriptions, else each service has its own (`[drain]`). The keys are those of the first service.
 */
export function sectionsOf(services: readonly ConfiguredService[]): readonly SectionOfServices[] {
  const found = new Map<string, SectionOfServices>()
  for (const { service, schema } of services) {
    for (const section of describeConfig(schema)) {
      const says = section.keys.map(({ key, description }) => [key, description])
      const identity = JSON.stringify([section.name, section.description, says])
      const known = found.get(identity)
      found.set(identity, { ...(known ?? section), services: [...(known?.services ?? []), service] })
    }
  }
  return [...found.values()]
}
