import { createMemoryStores, type StoredTeam } from '@hydra/persistence'
import { HydraError, type PayloadOf, type pushes, type TeamView } from '@hydra/protocol'
import { createCountingIds, ManualClock } from '@hydra/runtime'
import { expect } from 'vitest'
import { nextTurn } from './faults.ts'
import { aimsOf, type Aim } from './team-aims.ts'
import { checkStep, viewOf, type Noted } from './team-history.ts'
import { storySettings, TeamStoryServer, type Fate, type TeamRoute } from './team-story-server.ts'

type Changed = PayloadOf<typeof pushes.game.team.changed>

/** What becomes of a call to chat. `late`: it is heard after the next ones, and the caller does not know. */
export type ChatFate = 'heard' | 'unheard' | 'answer lost' | 'late'

/** Something that happens in a story. */
export type TeamAction =
  | {
      readonly do: 'ask'
      readonly route: TeamRoute
      readonly who: string
      readonly whom: string
      readonly aim: number
    }
  | { readonly do: 'rename' | 'leave' | 'move' | 'enter'; readonly who: string; readonly server: number }
  | { readonly do: 'wait'; readonly looks: number }
  | { readonly do: 'light'; readonly server: number; readonly calls: number; readonly fate: Fate }
  | { readonly do: 'kill'; readonly server: number }

/** Routes whose body names a team; others name a role, or nothing. */
const ofTeam: ReadonlySet<string> = new Set(['game.team.accept', 'game.team.decline', 'game.team.cancel'])
/** Answers that say who has been the one change of a version. */
const reasonOf: Partial<Record<TeamRoute, string>> = {
  'game.team.create': 'created',
  'game.team.accept': 'joined',
  'game.team.approve': 'joined',
  'game.team.leave': 'left',
  'game.team.kick': 'kicked',
}
const intervalMs = 30_000

/** Roles on two game servers that make and change teams, while stores fail, chat does not hear, and servers die. */
export class TeamStory {
  readonly clock = new ManualClock()
  readonly #stores = createMemoryStores({ clock: this.clock })
  readonly #ids = createCountingIds('team')
  readonly #history = new Map<string, Noted[]>()
  readonly #pushes = new Map<string, Changed[]>()
  /** Who says to have made a version. */
  readonly #claims = new Map<string, string>()
  readonly #gone = new Set<string>()
  readonly #late: (() => Promise<unknown>)[] = []
  readonly #servers: TeamStoryServer[] = []
  /** The server that each role was last on. */
  readonly #lastOn = new Map<string, string>()
  readonly #names = new Map<string, number>()
  readonly #rids: readonly string[]
  readonly #delays: readonly number[]
  readonly #chatFates: readonly ChatFate[]
  #isHealed = false
  #isDisturbed = false
  #calls = 0
  #told = 0
  #made = 0
  /** How often what was answered. */
  readonly reached = new Map<string, number>()

  constructor(options: {
    readonly rids: readonly string[]
    readonly delays: readonly number[]
    readonly chatFates: readonly ChatFate[]
  }) {
    this.#rids = options.rids
    this.#delays = options.delays
    this.#chatFates = options.chatFates
    for (const place of [0, 1]) this.#start(place)
  }

  /** Everybody is there. */
  async begin(): Promise<void> {
    for (const [place, who] of this.#rids.entries()) await this.#do({ do: 'enter', who, server: place % 2 })
  }

  /** Several things happen at the same time. */
  async round(actions: readonly TeamAction[]): Promise<void> {
    await Promise.all(actions.map((action) => this.#do(action)))
    for (const [place, server] of this.#servers.entries()) if (server.isDead) this.#replace(place)
    for (const late of this.#late.splice(0, 1)) await late()
  }

  /** Everything works again, and some looks pass. */
  async heal(): Promise<void> {
    this.#isHealed = true
    for (const [place, server] of this.#servers.entries()) {
      server.extinguish()
      if (server.isDead) this.#replace(place)
    }
    for (const late of this.#late.splice(0)) await late()
    await this.#do({ do: 'wait', looks: 8 })
    for (const server of this.#servers) for (const rid of server.roles.keys()) await server.teams.show(rid)
    await this.#do({ do: 'wait', looks: 2 })
  }

  /** What must be so in the end. */
  async check(): Promise<void> {
    for (const versions of this.#history.values())
      for (const [index, after] of versions.entries()) checkStep(versions[index - 1], after, storySettings)
    const { teams, chatTeams } = this.#stores
    const played = new Map(this.#servers.flatMap(({ roles }) => [...roles]))
    for (const rid of this.#rids) {
      const stored = await teams.ofRole(rid)
      const lists = [...this.#history.values()].filter((versions) =>
        versions.at(-1)?.stored.rids.includes(rid),
      )
      expect(lists.map((versions) => versions.at(-1)?.stored.teamId)).toEqual(stored ? [stored.teamId] : [])
      expect(await chatTeams.teamOf(rid)).toBe(stored?.teamId)
      expect(this.#shownTo(rid)).toEqual(stored ? [{ teamId: stored.teamId, version: stored.version }] : [])
      if (stored === undefined) continue
      expect(stored.told).toBe(true)
      // Members that nobody plays are put out by those who are there.
      if (!stored.rids.some((one) => played.has(one))) continue
      const members = (stored.data as unknown as TeamView).members.map(({ rid: one, name }) => ({
        rid: one,
        name,
      }))
      expect(members).toEqual(members.map(({ rid: one }) => ({ rid: one, name: played.get(one)?.name })))
    }
    for (const [teamId, versions] of this.#history)
      if (versions.at(-1)?.stored.rids.length === 0) expect(await teams.get(teamId)).toBeUndefined()
  }

  /** The teams that a client shows: of each one the newest version that it was sent, unless that says that it is out. */
  #shownTo(rid: string): readonly Pick<Changed, 'teamId' | 'version'>[] {
    const newest = new Map<string, Changed>()
    for (const push of this.#pushes.get(rid) ?? [])
      if (push.version >= (newest.get(push.teamId)?.version ?? 0)) newest.set(push.teamId, push)
    return [...newest.values()]
      .filter(({ team }) => team !== null)
      .map(({ teamId, version }) => ({ teamId, version }))
  }

  async #do(action: TeamAction): Promise<void> {
    switch (action.do) {
      case 'ask':
        return this.#ask(action)
      case 'wait':
        for (let look = 0; look < action.looks; look++) {
          this.clock.advance(intervalMs)
          await Promise.all(this.#servers.map((server) => Promise.race([server.sweep.look(), server.died])))
        }
        return
      case 'light':
        this.#isDisturbed = true
        this.#server(action.server).light(action.calls, action.fate)
        return
      case 'kill':
        this.#isDisturbed = true
        this.#server(action.server).die()
        return
      default:
        return this.#live(action.do, action.who, action.server)
    }
  }

  async #live(what: 'rename' | 'leave' | 'move' | 'enter', who: string, place: number): Promise<void> {
    const on = this.#servers.find(({ roles }) => roles.has(who))
    const role = () => ({ rid: who, name: `${who}${this.#names.get(who) ?? 0}`, level: 1 })
    if (what === 'rename' && on !== undefined) {
      this.#names.set(who, (this.#names.get(who) ?? 0) + 1)
      await this.#settled(on, `rename`, on.rename(role()))
    }
    if ((what === 'leave' || what === 'move') && on !== undefined)
      await this.#settled(on, what, on.leave(who, { forGood: what === 'leave' }))
    if (what !== 'enter' && what !== 'move') return
    if (this.#servers.some(({ roles }) => roles.has(who))) return
    const server = this.#server(place)
    const last = this.#lastOn.get(who)
    this.#lastOn.set(who, server.id)
    const replaces = last !== undefined && this.#gone.has(last) ? last : undefined
    await this.#settled(server, 'enter', server.enter(role(), replaces))
  }

  /** Most do what is likely to be granted, or else lead there; some do anything. */
  #ask({ aim, ...given }: Extract<TeamAction, { do: 'ask' }>): Promise<void> {
    const likely = [given.route, 'game.team.invite', 'game.team.create'] as const
    const route = likely.find((one) => this.#aims(one).length > 0) ?? given.route
    const aims = aim === 0 ? [] : this.#aims(route)
    const granted = aims[aim % aims.length]
    return granted === undefined
      ? this.#askFor(given.route, given.who, given.whom)
      : this.#askFor(route, granted.who, granted.whom)
  }

  #aims(route: TeamRoute): readonly Aim[] {
    return aimsOf(route, this.#teams(), this.#rids)
  }

  async #askFor(route: TeamRoute, who: string, whom: string): Promise<void> {
    const server = this.#servers.find(({ roles }) => roles.has(who))
    if (server === undefined) return
    const teamId =
      this.#teams().find(({ members }) => members.some(({ rid }) => rid === whom))?.teamId ?? 'none'
    const body = ofTeam.has(route)
      ? { teamId }
      : route === 'game.team.apply'
        ? { member: whom }
        : { rid: whom }
    const answer = await this.#settled(server, route, server.ask(route, who, body))
    const team = (answer as { readonly team?: TeamView | null } | undefined)?.team
    if (team === undefined || team === null) return
    const noted = this.#history.get(team.teamId)?.[team.version - 1]
    if (noted === undefined) throw new Error(`${route} has answered a version that was never stored`)
    const { members, leaderRid, reason } = noted.stored.data as unknown as TeamView & {
      readonly reason: string
    }
    expect({ members: team.members, leaderRid: team.leaderRid }).toEqual({ members, leaderRid })
    if (reasonOf[route] === undefined) return
    // A change that somebody was told to have made is there, and was made once.
    expect(reason).toBe(reasonOf[route])
    const version = `${team.teamId} ${team.version}`
    expect(this.#claims.get(version)).toBeUndefined()
    this.#claims.set(version, `${who} ${route}`)
  }

  /** What it answers; refusals and the death of the server are part of the story. */
  async #settled<T>(server: TeamStoryServer, what: string, doing: Promise<T>): Promise<T | undefined> {
    const outcome = await Promise.race([
      doing.then(
        (answer) => ({ said: 'ok', answer }),
        (error: unknown) => {
          if (!(error instanceof HydraError)) throw error
          return { said: error.code, answer: undefined }
        },
      ),
      server.died.then((said) => ({ said, answer: undefined })),
    ])
    const line = `${what} ${outcome.said}`
    this.reached.set(line, (this.reached.get(line) ?? 0) + 1)
    return outcome.answer
  }

  /** As they are stored, those that have not ended. */
  #teams(): readonly TeamView[] {
    const last = [...this.#history.values()].flatMap((versions) => versions.at(-1)?.stored ?? [])
    return last.map(viewOf).filter(({ members }) => members.length > 0)
  }

  #server(place: number): TeamStoryServer {
    const server = this.#servers[place % this.#servers.length]
    if (server === undefined) throw new Error('There are always two servers.')
    return server
  }

  #replace(place: number): void {
    this.#gone.add(this.#server(place).id)
    this.#start(place)
  }

  #start(place: number): void {
    const teams = new Proxy(this.#stores.teams, {
      get: (target, key) => (key === 'put' ? this.#put : (Reflect.get(target, key) as unknown)),
    })
    this.#servers[place] = new TeamStoryServer(`game-${(this.#made += 1)}`, {
      clock: this.clock,
      ids: this.#ids,
      stores: { roleJournal: this.#stores.roleJournal, teams },
      tell: (rid, push, payload) => {
        if (push.name !== 'game.team.changed') return
        // Nobody else sends this one.
        this.#pushes.set(rid, [...(this.#pushes.get(rid) ?? []), payload as Changed])
      },
      teamChanged: (team) => this.#tellChat(team),
      isGone: (server) => this.#gone.has(server),
      delay: () => this.#delays[this.#calls++ % this.#delays.length] ?? 0,
    })
  }

  readonly #put = async (
    team: StoredTeam,
    times: { readonly atMs: number; readonly tellAgainAtMs: number },
  ) => {
    const put = await this.#stores.teams.put(team, times)
    if (!put.stored) return put
    const versions = this.#history.get(team.teamId) ?? []
    this.#history.set(team.teamId, [...versions, { stored: structuredClone(team), atMs: times.atMs }])
    // Nobody is lost who is played, as long as servers can say so.
    if (team.data['reason'] === 'lost' && !this.#isDisturbed) {
      const gone = (versions.at(-1)?.stored.rids ?? []).filter((rid) => !team.rids.includes(rid))
      for (const rid of gone) expect(this.#servers.some(({ roles }) => roles.has(rid))).toBe(false)
    }
    return put
  }

  /** Chat as it is: the real store of what it knows. */
  async #tellChat({
    teamId,
    version,
    rids,
  }: {
    teamId: string
    version: number
    rids: string[]
  }): Promise<boolean> {
    const fate = this.#isHealed
      ? 'heard'
      : (this.#chatFates[this.#told++ % this.#chatFates.length] ?? 'heard')
    const hear = async () => {
      await this.#stores.chatTeams.replace(teamId, version, rids)
      await this.#stores.chatTeams.settled(teamId, version)
    }
    if (fate === 'late') this.#late.push(hear)
    else if (fate !== 'unheard') await hear()
    await nextTurn()
    return fate === 'heard'
  }
}
