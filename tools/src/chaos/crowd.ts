import { createAccountApi } from '@hydra/client'
import type { ErrorCode, HydraError } from '@hydra/protocol'
import { delay, systemClock } from '@hydra/runtime'
import { newPlayer, urlOf } from '../e2e/new-player.ts'
import { Ledger } from './ledger.ts'
import { Player } from './player.ts'
import { Seat } from './seat.ts'

/** What a {@link Crowd} is made of. */
export interface CrowdOptions {
  readonly httpUrl: string
  readonly gateUrls: readonly string[]
  readonly clients: number
  /** Between an answer and the next update of each. */
  readonly pauseMs: number
  /** Bound of connecting and of each request. */
  readonly timeoutMs: number
  readonly random: () => number
}

/** One player of a crowd and its role. */
export interface Member {
  readonly name: string
  readonly rid: string
  readonly player: Player
}

/** How long after some moment the service answered everybody again. */
export interface Recovery {
  /** For each player that is back: until an update was acknowledged that was sent after the moment. */
  readonly tookMs: readonly number[]
  /** What did not come back in time: players, and talking in the world channel. */
  readonly missing: readonly string[]
}

/** Accounts that are made at one time. */
const gatherParallel = 16

/** All players of a run. */
export class Crowd {
  readonly members: readonly Member[]

  private constructor(members: readonly Member[]) {
    this.members = members
  }

  /**
   * Brings everybody into the game. Of ten players one stays with each gate, also while that is away: these tell
   * whether the gate is back. The others connect wherever they can. One player of each gate also talks.
   */
  static async gather(options: CrowdOptions): Promise<Crowd> {
    const members: Member[] = []
    const indices = Array.from({ length: options.clients }, (_, index) => index).values()
    // One iterator for all workers: each takes the next number that nobody has taken.
    const work = async () => {
      for (const index of indices) members.push(await join(options, index))
    }
    await Promise.all(Array.from({ length: gatherParallel }, work))
    return new Crowd(members)
  }

  start(): void {
    for (const { player } of this.members) player.start()
  }

  /** Updates acknowledged so far. */
  get acknowledged(): number {
    return this.members.reduce((sum, { player }) => sum + player.ledger.acknowledged, 0)
  }

  /** Failed attempts so far, by code. */
  get failures(): ReadonlyMap<ErrorCode, number> {
    const sum = new Map<ErrorCode, number>()
    for (const { player } of this.members) {
      for (const [code, count] of player.failures) sum.set(code, (sum.get(code) ?? 0) + count)
    }
    return sum
  }

  /** Errors that no player may be answered with. */
  get defects(): readonly HydraError[] {
    return this.members.flatMap(({ player }) => player.defects)
  }

  /**
   * Waits until every player has an update acknowledged that it sent after `sinceMs`, and every talker a message; at
   * most `timeoutMs` from then.
   */
  async backSince(sinceMs: number, timeoutMs: number): Promise<Recovery> {
    const tookMs: number[] = []
    const missing = new Set<string>()
    const wait = async (what: string, success: Promise<number>) => {
      missing.add(what)
      tookMs.push((await success) - sinceMs)
      missing.delete(what)
    }
    const all = this.members.flatMap(({ name, player }) => [
      wait(name, player.updated.after(sinceMs)),
      ...(player.talks ? [wait(`the talk of ${name}`, player.talked.after(sinceMs))] : []),
    ])
    const leftMs = sinceMs + timeoutMs - systemClock.monotonicMs()
    await Promise.race([Promise.all(all), delay(systemClock, leftMs)])
    return { tookMs: [...tookMs], missing: [...missing] }
  }

  /** Logs everybody out. Answers who could not within `timeoutMs`, and why. */
  async stop(timeoutMs: number): Promise<string[]> {
    const ends = await Promise.allSettled(this.members.map(({ player }) => player.stop(timeoutMs)))
    return ends.flatMap((end, index) =>
      end.status === 'fulfilled' ? [] : [`${this.members[index]?.name}: ${String(end.reason)}`],
    )
  }
}

async function join(options: CrowdOptions, index: number): Promise<Member> {
  const { httpUrl, gateUrls, timeoutMs, pauseMs, random } = options
  const home = gateUrls[index % gateUrls.length]
  if (home === undefined) throw new RangeError('A crowd needs a gate.')
  const isLoyal = index % 10 < gateUrls.length
  const { client, token, rid, name } = await newPlayer(httpUrl, {
    gateUrl: home,
    timeoutMs,
    connectTimeoutMs: timeoutMs,
  })
  const ledger = new Ledger(name)
  const accounts = createAccountApi(httpUrl, { timeoutMs })
  const seat = new Seat(
    {
      token,
      rid,
      timeoutMs,
      async chooseGate(unreachable) {
        if (isLoyal) return home
        const { servers } = await accounts.serverList('gate')
        const urls = servers.map(urlOf)
        const others = urls.filter((url) => url !== unreachable)
        return others[Math.floor(random() * others.length)] ?? home
      },
      onEntered: (version) => ledger.enter(version),
    },
    client,
    home,
  )
  const talks = index < gateUrls.length
  return { name, rid, player: new Player({ seat, ledger, clock: systemClock, random, pauseMs, talks }) }
}
