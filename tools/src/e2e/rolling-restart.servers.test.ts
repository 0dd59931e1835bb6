import {
  behaviour,
  BotCrowd,
  claimDaily,
  consume,
  inTurn,
  rest,
  villager,
  type Behaviour,
  type Bot,
} from '@hydra/bots'
import { createAccountApi } from '@hydra/client'
import { limits, routes, services, type Service, type TeamView } from '@hydra/protocol'
import type { OpenedCluster } from '@hydra/rpc'
import { systemClock } from '@hydra/runtime'
import { chooseSeed, eventually, freePorts, uniqueName } from '@hydra/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { leftovers } from '../chaos/aftermath.ts'
import { CleanUp } from './clean-up.ts'
import { befriend, friendly, membershipOf, quarrels } from './friends.ts'
import { holdingsOf, ledgerOf } from './holdings.ts'
import { Newcomers } from './newcomers.ts'
import { createRealCluster, realBackends, type RealCluster } from './real-cluster.ts'
import { balanceOf, Receipts, type Assets } from './receipts.ts'
import { RestartAudit } from './restart-audit.ts'
import {
  errorsOf,
  nameOf,
  openRegistryView,
  restart,
  startPlaces,
  type Place,
  type Restart,
} from './rolling-restart.ts'
import { allOf, Said } from './said.ts'
import { savedRoles } from './saved-roles.ts'
import { writeSceneTables, type SceneTables } from './scene-tables.ts'
import { sceneRing } from './small-scenes.ts'
import { ToldVersions } from './told-versions.ts'

const seed = chooseSeed()
const botCount = 100
const friendCount = 5
/** Players in no scene: a game server that happens to have none of the few scenes has some of these. */
const homebodyCount = 12
/**
 * A request that is refused for the moment, or lost, must succeed within this time; else it has failed for good. As long as
 * a machine may need that has other things to do than these hundred players.
 */
const patienceMs = 20_000
const arriveTimeoutMs = 40_000
const password = 'correct horse battery'

/** Wide enough that not everybody sees everybody, which would be most of the work of two cores. */
const { scenes, portals } = sceneRing({ side: 7_200, cellSize: 800, playersMax: 2 * botCount, monsters: 20 })

/** Also asks for what no turn of a role waits for: such a call may be under way when all roles have been saved. */
const homebody = (): Behaviour =>
  inTurn(
    behaviour('look at the roles', async (me) => {
      await me.request(routes.game.role.list, {})
    }),
    claimDaily(),
    consume(),
    rest(50, 150),
  )

const settings = {
  HYDRA_GATE_LIMITS_MAX_CONNECTIONS_PER_IP: '1000',
  HYDRA_HTTP_ATTEMPTS_ENABLED: 'false',
  HYDRA_HTTP_PASSWORD_COST_LOG2: '10',
  // How quick a machine is must decide nothing: neither whether a player is back in time, nor what counts as no answer.
  HYDRA_GAME_ROLE_GRACE_MS: String(patienceMs),
  HYDRA_GATE_GATE_REQUEST_TIMEOUT_MS: '15000',
  HYDRA_STORAGE_REDIS_COMMAND_TIMEOUT_MS: '15000',
  // Whoever comes back to another gate does so with a token that was renewed: those of the beginning have expired.
  HYDRA_TOKEN_TTL_SECONDS: '30',
}

describe.each(realBackends())(`a rolling restart of $name's cluster (seed ${seed})`, ({ backends }) => {
  let cluster: RealCluster
  let tables: SceneTables
  let view: OpenedCluster
  let crowd: BotCrowd
  let friends: readonly Bot[]
  let team: TeamView
  let newcomers: Newcomers
  const cleanUp = new CleanUp()
  const restarts: Restart[] = []
  /** Ids of the servers that were there at first. */
  let replaced: readonly string[]
  const audit = new RestartAudit()
  const said = new Said()
  const versions = new ToldVersions()
  const receipts = Array.from({ length: botCount }, () => new Receipts())
  /** How often each player has used its password. */
  const passwordUses = Array.from({ length: botCount }, () => 0)
  const held = new Map<string, Assets>()
  let tokensExpireAtMs = 0

  /** What a player does; the first few are to stay together. */
  function scriptOf(index: number): Behaviour {
    if (index < friendCount) return friendly(600)
    if (index < friendCount + homebodyCount) return homebody()
    return inTurn(villager({ portals, wanderCm: 600, talk: { text: said.text } }), rest(100, 900))
  }

  /** Half of the crowd goes to another gate when it is told to; the others stay until they are disconnected. */
  function createCrowd(httpUrls: readonly string[], nameOfBot: (index: number) => string): BotCrowd {
    const accounts = createAccountApi(httpUrls)
    return new BotCrowd({
      httpUrl: httpUrls,
      bots: botCount,
      perSecond: 50,
      seed,
      clock: systemClock,
      patienceMs,
      connect: {
        timeoutMs: 18_000,
        connectTimeoutMs: 18_000,
        onIssue: (issue) => audit.complain(`a client reports ${JSON.stringify(issue)}`),
      },
      script: scriptOf,
      nameOf: nameOfBot,
      each: (index) => ({
        token: async () => {
          passwordUses[index] = (passwordUses[index] ?? 0) + 1
          const { token, expiresAtMs } = await accounts.register({ username: nameOfBot(index), password })
          tokensExpireAtMs = Math.max(tokensExpireAtMs, expiresAtMs)
          return token
        },
        staysToTheEnd: index % 2 === 1,
        watch: audit.watch(nameOfBot(index), {
          onAnswer: (route, request, response) => {
            receipts[index]?.onAnswer(route, request, response)
            said.answered(route, request, response)
            versions.heard(response)
          },
          onPush: (name, payload) => {
            receipts[index]?.onPush(name, payload)
            versions.heard(payload)
          },
        }),
      }),
    })
  }

  /** Waits until everybody has been answered something since this phase has begun. */
  async function everybodyIsServed(phase: string): Promise<void> {
    const { served } = audit.begin(phase)
    const idle = () => crowd.bots.filter(({ name }) => !served.has(name)).map(({ name }) => name)
    await eventually(() => idle().length === 0, { timeoutMs: patienceMs, intervalMs: 50 }).catch(
      (error: unknown) => {
        throw new Error(`${phase}, not served: ${idle().join(', ')}`, { cause: error })
      },
    )
  }

  const idsOf = (service: Service) => view.registry.list(service).map(({ id }) => id)

  async function tokensHaveExpired(): Promise<void> {
    const haveExpired = () => Date.now() > tokensExpireAtMs
    if (haveExpired()) return
    audit.begin('until the first tokens have expired')
    await eventually(haveExpired, { timeoutMs: 40_000, intervalMs: 100 })
  }

  async function playThrough(places: readonly Place[]): Promise<void> {
    audit.begin('arriving')
    await crowd.start()
    expect(await crowd.arrived(arriveTimeoutMs)).toEqual([])
    team = await befriend(friends)
    newcomers.start()
    replaced = services.flatMap(idsOf)
    for (const place of places) {
      if (place.service === 'gate') await tokensHaveExpired()
      audit.begin(nameOf(place))
      const newcomersBefore = newcomers.count
      restarts.push(await restart(place, cluster, view))
      await everybodyIsServed(`after ${nameOf(place)}`)
      await newcomers.welcomedSince(newcomersBefore)
    }
    await newcomers.stop()
    await crowd.hold()
    console.log(
      [
        ...restarts.map(({ name, stopMs, startMs }) => `${name}: stop ${stopMs} ms, start ${startMs} ms`),
        ...audit.report(),
      ].join('\n'),
    )
  }

  beforeAll(async () => {
    tables = await writeSceneTables(scenes)
    cleanUp.add('tables', () => tables.remove())
    cluster = await createRealCluster(backends, {
      ...settings,
      HYDRA_GAME_TABLES_DIRECTORY: tables.directory,
    })
    cleanUp.add('cluster', () => cluster.remove())
    const [http1 = 0, http2 = 0, http3 = 0, gate1 = 0, gate2 = 0] = await freePorts(5)
    const places = await startPlaces(cluster, { http: [http1, http2, http3], gate: [gate1, gate2, 0] })
    view = await openRegistryView(cluster, backends)
    cleanUp.add('view of the registry', () => view.close())
    const httpUrls = [http1, http2, http3].map((port) => `http://127.0.0.1:${port}`)
    const suffix = uniqueName('r').slice(-6)
    crowd = createCrowd(httpUrls, (index) => `bot${index}x${suffix}`)
    cleanUp.add('crowd', () => crowd.stop({ logOut: false }))
    friends = crowd.bots.slice(0, friendCount)
    newcomers = new Newcomers({
      httpUrls,
      audit,
      nameOf: (index) => `new${index}x${suffix}`,
      seed,
      everyMs: 1_000,
      patienceMs,
    })
    cleanUp.add('newcomers', () => newcomers.stop())
    await playThrough(places)
  }, 180_000)
  afterAll(() => cleanUp.run(), 60_000)

  it('ends each process in good order, with nothing unsaved, and has others in their places', () => {
    expect(restarts.flatMap(({ complaints }) => complaints)).toEqual([])
    expect(cluster.processes.flatMap(errorsOf)).toEqual([])
    expect(services.map((service) => idsOf(service).length)).toEqual(services.map(() => 2))
    expect(services.flatMap(idsOf).filter((id) => replaced.includes(id))).toEqual([])
  })

  it('costs no request: what is refused for the moment succeeds when it is sent again', () => {
    expect(audit.complaints).toEqual([])
    const stats = crowd.stats()
    expect(stats.defects.map(String)).toEqual([])
    const { events } = stats.figures()
    for (const event of ['kills', 'loot', 'steps', 'reconnects', 'messages', 'arrivals'] as const) {
      expect([event, events[event] > 0]).toEqual([event, true])
    }
  })

  it('is felt by players where it must be, and nowhere else', () => {
    // Who did not go when the gate said that it would close was there to the end.
    for (const number of [1, 2]) expect(audit.felt(`gate ${number}`).closes['SHUTDOWN']).toBeGreaterThan(0)
    for (const service of ['chat', 'game', 'http']) {
      expect([service, audit.felt(`${service} `).closes['SHUTDOWN']]).toEqual([service, undefined])
    }
    expect(audit.felt('game ').retries['NOT_IN_SCENE']).toBeGreaterThan(0)
  })

  it('has nobody log in by hand, and lets newcomers register and log in all the time', () => {
    expect(passwordUses).toEqual(Array.from({ length: botCount }, () => 1))
    // That one came through during each restart was waited for.
    expect(newcomers.welcomed).toBe(newcomers.count)
  })

  it('loses no update: ledgers add up and have what players were told', async () => {
    expect(receipts.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThan(0)
    await Promise.all(
      crowd.bots.map(async ({ actor, name, rid }, index) =>
        // A kill of just now may still be on its way into the ledger of somebody who stood by.
        eventually(async () => {
          const entries = await ledgerOf(actor)
          const assets = await holdingsOf(actor)
          expect([name, balanceOf(entries)]).toEqual([name, assets])
          expect([name, receipts[index]?.missingIn(entries)]).toEqual([name, []])
          held.set(rid, assets)
          return true
        }),
      ),
    )
  })

  it('shows nobody offline who is there', { timeout: 2 * patienceMs }, async () => {
    const rids = crowd.bots.map(({ rid }) => rid)
    const pages = Array.from({ length: Math.ceil(rids.length / limits.presencePerCallMax) }, (_, page) =>
      rids.slice(page * limits.presencePerCallMax, (page + 1) * limits.presencePerCallMax),
    )
    const offline = async () => {
      const answers = await Promise.all(
        pages.map((page) => friends[0]?.actor.request(routes.chat.presence.get, { rids: page })),
      )
      return answers.flatMap(
        (answer) => answer?.roles.filter(({ online }) => !online).map(({ rid }) => rid) ?? [],
      )
    }
    // Chat is told later of those that it could not be told of when they came, all at once.
    await expect.poll(offline, { timeout: patienceMs, interval: 100 }).toEqual([])
  })

  it('keeps every message once', async () => {
    expect(said.acknowledged).toBeGreaterThan(0)
    const [bot] = crowd.bots
    expect(said.wrongIn(bot === undefined ? [] : await allOf(bot.actor, 'world'))).toEqual([])
  })

  it('leaves teams as they are', async () => {
    for (const { actor } of friends) {
      const { team: now } = await actor.request(routes.game.team.get, {})
      expect(membershipOf(now)).toEqual(membershipOf(team))
    }
    await eventually(async () => (await quarrels(crowd.bots)).length === 0)
    const [speaker] = friends
    await speaker?.actor.request(routes.chat.channel.send, { channel: 'team', text: 'All there?' })
    for (const { actor } of friends) {
      expect((await allOf(actor, 'team')).map(({ text }) => text)).toContain('All there?')
    }
  })

  it('has everything in the database, and nothing left in Redis, when all have left', async () => {
    expect(await crowd.stop({ timeoutMs: patienceMs })).toEqual([])
    const saved = await savedRoles(cluster.mysqlUrl)
    expect(versions.size).toBeGreaterThanOrEqual(botCount)
    expect(versions.missingIn(saved)).toEqual([])
    for (const [rid, assets] of held) expect([rid, saved.get(rid)?.assets]).toEqual([rid, assets])
    expect(await leftovers(backends.redisUrl, cluster.keyPrefix)).toEqual({ keys: [], presences: 0 })
  })
})
