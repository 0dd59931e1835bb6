import { seededRandom } from '@hydra/bots'
import { delay, systemClock } from '@hydra/runtime'
import { leftovers, storedRoles } from './aftermath.ts'
import { Crowd } from './crowd.ts'
import { shuffled } from './shuffled.ts'
import type { ChaosReport, Kill } from './report.ts'
import { requestTimeoutMs, type Victim, type VictimKind, type World } from './world.ts'

/** What a run does. */
export interface ChaosOptions {
  readonly clients: number
  /** Each of {@link kinds} is killed once a round. */
  readonly rounds: number
  readonly kinds: readonly VictimKind[]
  readonly seed: number
  /** Between an answer and the next update of each client. */
  readonly pauseMs: number
  /** How long a killed process stays away, at least and at most. */
  readonly downMinMs: number
  readonly downMaxMs: number
  /** Between the return of everybody and the next kill. */
  readonly calmMs: number
  /** Within which everybody must be back after a restart. */
  readonly backLimitMs: number
  /** Is told of each kill when it is over. */
  readonly onKill?: (kill: Kill) => void
}

/** So many times the limit is waited for a return, to say how late it was. */
const backWaitFactor = 3
const logoutTimeoutMs = 20_000

/**
 * Has players change their roles while one process after the other is killed and started again, and compares at the
 * end what they were told with what the database has.
 */
export async function runChaos(world: World, options: ChaosOptions): Promise<ChaosReport> {
  const { seed, clients, rounds, pauseMs, downMinMs, downMaxMs, calmMs, backLimitMs, onKill } = options
  const random = seededRandom(seed)
  const beganAtMs = systemClock.monotonicMs()
  const crowd = await Crowd.gather({
    httpUrl: world.cluster.httpUrl,
    gateUrls: world.gateUrls,
    clients,
    pauseMs,
    timeoutMs: requestTimeoutMs + 500,
    // Its own, so that the order of kills depends on the seed alone.
    random: seededRandom(seed + 1),
  })
  crowd.start()
  const startedAtMs = systemClock.monotonicMs()
  const { missing } = await crowd.backSince(startedAtMs, backLimitMs)
  if (missing.length > 0) throw new Error(`Before any kill some were not served: ${missing.join(', ')}.`)

  const kills: Kill[] = []
  for (let round = 1; round <= rounds; round++) {
    for (const kind of shuffled(options.kinds, random)) {
      const victims = world.victims[kind]
      // In turn, so that all of them are killed within as many rounds as there are.
      const victim = victims[(seed + round) % victims.length]
      if (victim === undefined) throw new RangeError(`There is no ${kind} to kill.`)
      const downMs = downMinMs + random() * (downMaxMs - downMinMs)
      const kill = { round, ...(await killAndWait(crowd, victim, downMs, backLimitMs * backWaitFactor)) }
      kills.push(kill)
      onKill?.(kill)
      await delay(systemClock, calmMs)
    }
  }

  const stranded = await crowd.stop(logoutTimeoutMs)
  const left = await leftovers(world.redisUrl, world.cluster.keyPrefix)
  const rows = await storedRoles(world.cluster.mysqlUrl)
  for (const { rid, player } of crowd.members) player.ledger.close(rows.get(rid))
  return {
    seed,
    clients,
    rounds,
    tookMs: systemClock.monotonicMs() - beganAtMs,
    backLimitMs,
    kills,
    acknowledged: crowd.acknowledged,
    failed: sumOf(crowd.failures),
    findings: crowd.members.flatMap(({ player }) => player.ledger.findings),
    defects: crowd.defects.map(({ code, message }) => `${code}: ${message}`),
    stranded,
    leftovers: left,
  }
}

async function killAndWait(
  crowd: Crowd,
  victim: Victim,
  downMs: number,
  timeoutMs: number,
): Promise<Omit<Kill, 'round'>> {
  const { acknowledged, failures } = crowd
  await victim.kill()
  await delay(systemClock, downMs)
  const restartedAtMs = systemClock.monotonicMs()
  const back = crowd.backSince(restartedAtMs, timeoutMs)
  await victim.restart()
  const readyMs = systemClock.monotonicMs() - restartedAtMs
  const { tookMs, missing } = await back
  const sorted = [...tookMs].sort((a, b) => a - b)
  const failedSince = difference(crowd.failures, failures)
  return {
    victim: victim.name,
    downMs,
    readyMs,
    backP50Ms: percentile(sorted, 0.5),
    backP99Ms: percentile(sorted, 0.99),
    backMaxMs: sorted.at(-1) ?? 0,
    missing,
    acknowledged: crowd.acknowledged - acknowledged,
    failed: sumOf(failedSince),
    failedByCode: Object.fromEntries([...failedSince].sort(([, a], [, b]) => b - a)),
  }
}

const percentile = (sorted: readonly number[], part: number): number =>
  sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? 0

const sumOf = (counts: ReadonlyMap<string, number>): number => {
  let sum = 0
  for (const count of counts.values()) sum += count
  return sum
}

const difference = (now: ReadonlyMap<string, number>, before: ReadonlyMap<string, number>) =>
  new Map(
    [...now]
      .map(([code, count]) => [code, count - (before.get(code) ?? 0)] as const)
      .filter(([, count]) => count > 0),
  )
