import { BotCrowd, type Behaviour, type BotStats } from '@hydra/bots'
import { createAccountApi } from '@hydra/client'
import { delay, type Clock } from '@hydra/runtime'
import { AccountDesk } from './account-desk.ts'
import type { BotsOptions } from './options.ts'

/** How a run is at a moment. */
export interface BotsProgress {
  readonly phase: 'arriving' | 'playing' | 'logging out'
  /** Since the beginning. */
  readonly elapsedMs: number
  /** Until the end, where there is one, while they play. */
  readonly leftMs: number | undefined
  readonly bots: number
  readonly arrived: number
  readonly playing: number
  readonly stats: BotStats
}

/** How a run went. */
export interface BotsOutcome {
  readonly arrived: number
  /** Names of those that have never come into the game. */
  readonly missing: readonly string[]
  /** From the beginning until the logout. */
  readonly elapsedMs: number
  readonly stats: BotStats
  /** Registering and logging in at http. */
  readonly accountStats: BotStats
  /** Who could not log out, and why. */
  readonly logoutFailures: readonly string[]
}

/** What a run needs besides its options. */
export interface BotsDeps {
  readonly httpUrl: string
  readonly behaviour: Behaviour
  readonly password: string
  readonly clock: Clock
  /** Ends the run in good order. */
  readonly signal: AbortSignal
  readonly progressEveryMs: number
  readonly onProgress: (progress: BotsProgress) => void
  /** Something that a person wants to know, once. */
  readonly onNote: (note: string) => void
}

const lookEveryMs = 100

/**
 * Lets bots come into the game, play and log out.
 *
 * @example const { missing } = await runBots(options, { httpUrl, behaviour: villager(), … })
 */
export async function runBots(options: BotsOptions, deps: BotsDeps): Promise<BotsOutcome> {
  const { clock, httpUrl, signal } = deps
  const leaving = new AbortController()
  const desk = new AccountDesk({
    accounts: createAccountApi(httpUrl),
    password: deps.password,
    clock,
    signal: leaving.signal,
    onLimited: once(() =>
      deps.onNote(
        'http limits how often one address may register and log in: the bots wait as long as it says and arrive one by one.',
      ),
    ),
  })
  const nameOf = (index: number) => `${options.namePrefix}${index}`
  const crowd = new BotCrowd({
    httpUrl,
    bots: options.bots,
    perSecond: options.perSecond,
    seed: options.seed,
    clock,
    script: deps.behaviour,
    nameOf,
    each: (index) => ({ token: () => desk.token(nameOf(index)) }),
  })

  const beganAtMs = clock.monotonicMs()
  const missing = new Set(crowd.bots.map(({ name }) => name))
  let arrivedAtMs = beganAtMs
  const arrivals = crowd.bots.map(async (bot) => {
    if (!(await bot.arrived())) return
    missing.delete(bot.name)
    arrivedAtMs = clock.monotonicMs()
  })
  const elapsedMs = () => clock.monotonicMs() - beganAtMs
  const arrived = () => options.bots - missing.size
  const show = (phase: BotsProgress['phase'], leftMs?: number) =>
    deps.onProgress({
      phase,
      elapsedMs: elapsedMs(),
      leftMs,
      ...crowd.progress,
      arrived: arrived(),
      stats: crowd.stats(),
    })

  const starting = crowd.start()
  let shown: { readonly phase: BotsProgress['phase']; readonly atMs: number } | undefined
  let playUntilMs: number | undefined
  while (!signal.aborted) {
    const nowMs = clock.monotonicMs()
    if (playUntilMs === undefined) {
      const isStuck = nowMs - arrivedAtMs > options.arriveWithinMs + desk.limitedMs
      if (isStuck) deps.onNote(`${missing.size} bots have not arrived; the others go on without them.`)
      if (isStuck || missing.size === 0) playUntilMs = nowMs + (options.playMs ?? Number.POSITIVE_INFINITY)
    } else if (nowMs >= playUntilMs) break
    const phase = playUntilMs === undefined ? 'arriving' : 'playing'
    if (shown?.phase !== phase || nowMs - shown.atMs >= deps.progressEveryMs) {
      shown = { phase, atMs: nowMs }
      const leftMs = (playUntilMs ?? Number.POSITIVE_INFINITY) - nowMs
      show(phase, Number.isFinite(leftMs) ? leftMs : undefined)
    }
    // Ends early when the signal aborts, which the loop looks at.
    await delay(clock, lookEveryMs, signal).catch(() => undefined)
  }

  // Before the logout: whatever is cut short by it is no failure of the servers.
  const stats = crowd.stats()
  const lastedMs = elapsedMs()
  show('logging out')
  const outcome = { arrived: arrived(), missing: [...missing] }
  leaving.abort()
  const logoutFailures = await crowd.stop()
  await starting
  await Promise.all(arrivals)
  return { ...outcome, elapsedMs: lastedMs, stats, accountStats: desk.stats, logoutFailures }
}

function once(act: () => void): () => void {
  let isDone = false
  return () => {
    if (isDone) return
    isDone = true
    act()
  }
}
