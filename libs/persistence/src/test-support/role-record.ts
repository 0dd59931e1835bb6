import type { RoleSnapshot } from '../role-snapshot.ts'

/** What stories lead to; counted, to know that they are not all alike. */
export const usualEvents = [
  'acknowledged',
  'arrived late',
  'crashed',
  'fenced',
  'flushed',
  'freed',
  'recovered',
  'recovery elsewhere',
  'rejected',
  'released',
  'retaken',
  'sent elsewhere',
  'taken',
  'taken by row',
  'taken over',
  'taken over from the living',
] as const

/** What else stories lead to in which the journal loses its data. */
export const lossEvents = ['journal lost', 'put at risk', 'excused'] as const

/** What a story can lead to. */
export type Event = (typeof usualEvents)[number] | (typeof lossEvents)[number]

/** Counts an event. */
export type Count = (event: Event) => void

/** What the oracle needs to know of a server. */
export interface Witness {
  readonly id: string
  readonly alive: boolean
  /** Whether another server has taken it for gone while it lived. */
  readonly doubted: boolean
}

/** A role that a server holds under an epoch, as far as it knows. */
export interface HeldRole {
  readonly server: Witness
  readonly rid: string
  readonly epoch: number
}

/** A role in the database. */
export interface Row extends RoleSnapshot {
  readonly owner: string | null
}

/** What was acknowledged of one role, and what may be missing of it for the time being. */
export class RoleRecord {
  readonly acknowledged = new Set<number>()
  /**
   * Acknowledged, but gone with the journal's data before the database had it: the server that acknowledged it still
   * has it in memory and will store it, if it lives and nobody takes it for dead.
   */
  readonly atRisk = new Set<number>()
  /** The newest state that was acknowledged, and by whom. */
  latest: RoleSnapshot | undefined
  holder: Witness | undefined
  row: Row | undefined
  /** The largest epoch that anybody was given. */
  granted = 0

  /** Which acknowledged updates a state lacks. */
  missingIn(state: readonly number[], { butAtRisk = false } = {}): readonly number[] {
    const kept = new Set(state)
    return [...this.acknowledged].filter(
      (update) => !kept.has(update) && !(butAtRisk && this.atRisk.has(update)),
    )
  }
}
