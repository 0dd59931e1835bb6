import { services, type Service } from '@hydra/protocol'
import { exitCode } from '@hydra/runtime'
import { ClusterError } from './cluster-error.ts'

/** How many processes of each service. */
export type Counts = Readonly<Record<Service, number>>

const countMax = 64

/**
 * What is asked for: the numbers that were given, else those of the running cluster, else one of each.
 *
 * @throws ClusterError (exit code 2) for what is no number from 0 to 64
 * @example wantedCounts({ gate: '2' }, undefined) // { gate: 2, http: 1, game: 1, chat: 1 }
 */
export function wantedCounts(
  given: Readonly<Partial<Record<Service, string>>>,
  running: Counts | undefined,
): Counts {
  const entries = services.map((service) => {
    const text = given[service]
    if (text === undefined) return [service, running?.[service] ?? 1] as const
    const count = Number(text)
    if (!/^\d+$/.test(text) || count > countMax) {
      throw new ClusterError(`--${service} is "${text}"; expected a number from 0 to ${countMax}.`, usageCode)
    }
    return [service, count] as const
  })
  const wanted = Object.fromEntries(entries) as Record<Service, number>
  if (services.every((service) => wanted[service] === 0)) {
    throw new ClusterError('That is a cluster of nothing. To stop one: npx hydra down', usageCode)
  }
  return wanted
}

/** The command line is not understood. */
export const usageCode = 2

/** @example countsText({ gate: 2, http: 1, game: 1, chat: 1 }) // '2 gates, 1 http, 1 game, 1 chat' */
export const countsText = (counts: Counts): string =>
  services
    .filter((service) => counts[service] > 0)
    .map((service) => `${counts[service]} ${service}${counts[service] > 1 && service !== 'http' ? 's' : ''}`)
    .join(', ')

/** A command needs a cluster, and none runs. */
export const noClusterRuns = (): ClusterError =>
  new ClusterError('No cluster runs here. Start one: npx hydra up', exitCode.unavailable)
