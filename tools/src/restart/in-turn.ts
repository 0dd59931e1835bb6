import { setTimeout as sleep } from 'node:timers/promises'
import { ClusterError } from '../cluster/cluster-error.ts'
import type { ServiceState } from '../cluster/cluster-state.ts'
import { scrape } from '../status/scrape.ts'
import type { RegistryView } from './watch-registry.ts'

/** A process to be replaced. */
export type Place = Pick<ServiceState, 'name' | 'service' | 'opsUrl' | 'stage'>

/** What {@link inTurn} works with. */
export interface InTurnOptions {
  /** In their order. */
  readonly places: readonly Place[]
  readonly registry: Pick<RegistryView, 'list'>
  /** Pause after a game server on which somebody plays, before the next process goes. */
  readonly settleMs: number
  readonly print: (text: string) => void
  /** Replaces one process by another one, which is ready then. */
  readonly restart: (place: Place) => Promise<void>
  /** How long the registry may take to list a process that is ready; 10 s when absent. */
  readonly listedTimeoutMs?: number
}

const lookEveryMs = 50

/**
 * Replaces processes one after the other: the next one only when the registry lists the successor, so that all others
 * know it, and when the roles of a game server have found a home.
 *
 * @throws ClusterError when the successor is not listed; whatever `restart` throws. Those after it are left alone.
 */
export async function inTurn(options: InTurnOptions): Promise<void> {
  const { places, registry, settleMs, print, restart, listedTimeoutMs = 10_000 } = options
  for (const [index, place] of places.entries()) {
    const { name, service } = place
    const before = new Set(registry.list(service).map(({ id }) => id))
    const isLast = index === places.length - 1
    const mustSettle = !isLast && service === 'game' && (await isPlayedOn(place))
    await restart(place)
    const isListed = (): boolean =>
      registry.list(service).some(({ id, state }) => state === 'ready' && !before.has(id))
    if (!(await within(listedTimeoutMs, isListed))) {
      throw new ClusterError(
        `${name} is ready, but the registry does not list it after ${listedTimeoutMs} ms: those after it were left alone.`,
      )
    }
    if (!mustSettle || settleMs === 0) continue
    print(`  ${settleMs / 1_000} s for the roles of ${name} to find a home`)
    await sleep(settleMs)
  }
}

/** One that runs and does not say may have roles. */
async function isPlayedOn({ opsUrl, stage }: Place): Promise<boolean> {
  if (stage === 'exited') return false
  const samples = await scrape(opsUrl)
  return samples === undefined || (samples.get('hydra_game_actors') ?? 0) > 0
}

async function within(timeoutMs: number, check: () => boolean): Promise<boolean> {
  const deadline = performance.now() + timeoutMs
  while (!check()) {
    if (performance.now() > deadline) return false
    await sleep(lookEveryMs)
  }
  return true
}
