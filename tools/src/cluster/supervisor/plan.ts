import { services, type Service } from '@hydra/protocol'

/** What `up` has to do about service processes. */
export interface ClusterPlan {
  /** To be started: new ones, and those that have ended. */
  readonly start: readonly { readonly name: string; readonly service: Service }[]
  /** Surplus ones, to be drained; those with the highest numbers. */
  readonly drain: readonly string[]
}

/** A process as far as the plan goes. */
interface Known {
  readonly name: string
  readonly service: Service
  readonly stage: string
}

/**
 * What is missing and what is surplus.
 *
 * @example planCluster({ gate: 2, … }, [{ name: 'gate-1', service: 'gate', stage: 'exited' }]) // start gate-1 and gate-2
 */
export function planCluster(wanted: Readonly<Record<Service, number>>, known: readonly Known[]): ClusterPlan {
  const running = new Set(known.filter(({ stage }) => stage !== 'exited').map(({ name }) => name))
  const start = services.flatMap((service) =>
    Array.from({ length: wanted[service] }, (_, index) => ({
      name: nameOf(service, index + 1),
      service,
    })).filter(({ name }) => !running.has(name)),
  )
  const drain = known
    .filter(({ name, service, stage }) => stage !== 'exited' && numberOf(name) > wanted[service])
    .map(({ name }) => name)
  return { start, drain: [...new Set(drain)] }
}

/**
 * Where a process would like to have its operations port: the first of each service at the configured one, where a
 * Prometheus looks for it, any other after all of those.
 *
 * @example opsPortOf('game-2', 'game', { gate: 9_101, game: 9_102, chat: 9_103, http: 9_104 }) // { next: 9105 }
 */
export function opsPortOf(
  name: string,
  service: Service,
  configured: Readonly<Record<Service, number>>,
): { readonly own?: number; readonly next: number } {
  const next = Math.max(...Object.values(configured)) + 1
  return name === nameOf(service, 1) ? { own: configured[service], next } : { next }
}

/** @example nameOf('gate', 1) // 'gate-1' */
export const nameOf = (service: Service, number: number): string => `${service}-${number}`

const numberOf = (name: string): number => Number(name.slice(name.lastIndexOf('-') + 1))
