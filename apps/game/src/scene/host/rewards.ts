import { HydraError } from '@hydra/protocol'
import type { Counter, Logger } from '@hydra/runtime'
import { limitParallel } from '../../actor/limit-parallel.ts'
import type { Kill } from '../scene.ts'
import { sharesOf, type KillShare } from './share-kill.ts'

/** Whose role it is. */
export interface RewardedRole {
  readonly rid: string
  readonly uid: string
}

/** What rewards need. */
export interface RewardsOptions {
  /** Gives a role its share of a kill, once, however often it is asked; tries again what is worth it, within bounds. */
  readonly give: (role: RewardedRole, kill: Kill, share: KillShare) => Promise<void>
  /** The members of a role's team, itself included. Must not reject. */
  readonly teamOf: (rid: string) => Promise<readonly string[]>
  /** The account of a role that is here, or has been a moment ago. */
  readonly uidOf: (rid: string) => string | undefined
  readonly log: Logger
  /** Counts rewards by `outcome`: `given`, `lost`, `dropped`. */
  readonly outcomes: Counter
  /** Kills whose rewards may be under way at one time; a further one brings nothing to anybody, and is counted. */
  readonly pendingMax: number
  /** So many are given at one time; the others wait. */
  readonly parallel: number
}

/**
 * Brings the roles what their kills are worth, beside the scenes: a step never waits for a store. Each share is given by
 * the id of the kill, so that it is given once.
 */
export class Rewards {
  readonly #options: RewardsOptions
  readonly #give: (role: RewardedRole, kill: Kill, share: KillShare) => Promise<void>
  /** None of them rejects. */
  readonly #underWay = new Map<Promise<void>, Kill>()

  constructor(options: RewardsOptions) {
    this.#options = options
    this.#give = limitParallel(options.parallel, options.give)
  }

  /** Kills whose rewards are under way. */
  get pending(): number {
    return this.#underWay.size
  }

  /** Begins to bring what a kill is worth. Never throws. */
  add(kill: Kill): void {
    const { pendingMax, outcomes, log } = this.#options
    if (this.#underWay.size >= pendingMax) {
      outcomes.inc({ outcome: 'dropped' })
      log.error({ kill, pendingMax }, 'a kill brings nothing, because too many rewards are under way')
      return
    }
    // Looked up now: by the time that the team is known, one may have left.
    const uids = new Map([kill.byRid, ...kill.nearby].map((rid) => [rid, this.#options.uidOf(rid)]))
    const done: Promise<void> = this.#bring(kill, uids).finally(() => this.#underWay.delete(done))
    this.#underWay.set(done, kill)
  }

  /** Resolves when nothing is under way of what there was when it was asked, for one role or for all. */
  async settled(rid?: string): Promise<void> {
    const concerned = [...this.#underWay].filter(
      ([, { byRid, nearby }]) => rid === undefined || byRid === rid || nearby.includes(rid),
    )
    await Promise.all(concerned.map(([done]) => done))
  }

  async #bring(kill: Kill, uids: ReadonlyMap<string, string | undefined>): Promise<void> {
    const shares = sharesOf(kill, await this.#options.teamOf(kill.byRid))
    await Promise.all(shares.map((share) => this.#bringOne(kill, share, uids.get(share.rid))))
  }

  async #bringOne(kill: Kill, share: KillShare, uid: string | undefined): Promise<void> {
    const { outcomes, log } = this.#options
    const { rid } = share
    try {
      if (uid === undefined) throw new HydraError('ROLE_NOT_FOUND', 'Nobody knows the account of the role.')
      await this.#give({ rid, uid }, kill, share)
      outcomes.inc({ outcome: 'given' })
    } catch (err) {
      outcomes.inc({ outcome: 'lost' })
      log.error({ rid, uid, killId: kill.killId, share, err }, 'a role did not get its share of a kill')
    }
  }
}
