import type { AllianceRoster, StorageDrivers } from '@hydra/persistence'
import type { RoleSession } from '@hydra/rpc'
import { createIds, systemClock, type Clock } from '@hydra/runtime'
import { roleTopic, sharedChannel } from '../channel/channel.ts'
import { isOnline, levelOf, storyBounds, storyRoles, type AllianceAction } from './alliance-action.ts'
import type { SharedStorage } from './alliance-backends.ts'
import { AllianceServer, outcomeOf } from './alliance-server.ts'
import { StoryPeer } from './alliance-surroundings.ts'

/** Time of the machine, which a story can be ahead of. */
export class StoryClock implements Clock {
  #aheadMs = 0
  nowMs = (): number => systemClock.nowMs() + this.#aheadMs
  monotonicMs = (): number => systemClock.monotonicMs()
  after = systemClock.after
  every = systemClock.every
  advance(byMs: number): void {
    this.#aheadMs += byMs
  }
}

/** Servers, roles and alliances of one story. */
export class AllianceWorld {
  /** In the order of their foundings. */
  readonly founded: string[] = []
  /** Alliances in whose channel something was said. */
  readonly spoken = new Set<string>()
  readonly surroundings = new StoryPeer()
  readonly storage: StorageDrivers
  readonly clock: StoryClock
  readonly #storages: readonly StorageDrivers[]
  readonly #servers: AllianceServer[]
  readonly #ids = createIds(systemClock)
  readonly #prefix: string

  constructor(storages: readonly StorageDrivers[], clock: StoryClock, prefix: string) {
    const [storage] = storages
    if (storage === undefined) throw new Error('a story needs storage')
    this.storage = storage
    this.#storages = storages
    this.clock = clock
    this.#prefix = prefix
    this.#servers = storages.map((each) => this.#newServer(each))
  }

  static async openStorages(shared: SharedStorage, count: number): Promise<readonly StorageDrivers[]> {
    const opened: StorageDrivers[] = []
    for (let index = 0; index < count; index++) opened.push(await shared.openServer())
    return opened
  }

  /** Frees all names of the stories before, and brings the roles online. */
  async begin(): Promise<void> {
    const { alliances } = await this.storage.alliances.search({ text: '', limit: 100 })
    for (const { allianceId } of alliances) {
      await this.storage.alliances.change(allianceId, [], () => ({ disband: true }))
    }
    for (const role of this.roles.filter(isOnline)) {
      const { gateId, sessionId, epoch } = this.session(role)
      this.surroundings.topics.set(sessionId, new Set([roleTopic(this.rid(role))]))
      const arrival = { ...this.role(role), gateId, sessionId, sessionEpoch: epoch }
      await this.storage.stores.presence.enter(arrival, { zone: 'story', rolesMax: 1_000 })
    }
  }

  get roles(): readonly number[] {
    return Array.from({ length: storyRoles }, (_, role) => role)
  }

  rid = (role: number): string => `${this.#prefix}-${role}`

  role = (role: number) => ({
    rid: this.rid(role),
    uid: `u-${this.rid(role)}`,
    name: `Role ${role}`,
    level: levelOf(role),
  })

  session = (role: number): RoleSession => ({
    rid: this.rid(role),
    uid: `u-${this.rid(role)}`,
    gateId: 'gate',
    sessionId: `s-${this.rid(role)}`,
    epoch: 1,
    serializer: 'json',
  })

  /** One of the last alliances, or none that there is. */
  allianceId(index: number): string {
    return this.founded[index] ?? 'nobodys'
  }

  server(index: number): AllianceServer {
    const server = this.#servers[index % this.#servers.length]
    if (server === undefined) throw new Error('there is no server')
    return server
  }

  /** Does what a role wants, on one of the servers; answers what became of it. */
  async perform(action: AllianceAction, index = 0): Promise<string> {
    const server = this.server(index)
    switch (action.do) {
      case 'create': {
        const { role, name, tag, policy, minLevel } = action
        const body = { name, tag, policy, minLevel, description: '' }
        return outcomeOf(
          server.request('chat.alliance.create', this.session(role), body).then((answer) => {
            if (answer !== 'died') this.founded.push(answer.alliance.allianceId)
            return answer
          }),
        )
      }
      case 'apply':
      case 'cancel':
      case 'accept':
      case 'decline': {
        const body = { allianceId: this.allianceId(action.alliance) }
        return outcomeOf(server.request(`chat.alliance.${action.do}`, this.session(action.role), body))
      }
      case 'leave':
      case 'disband':
        return outcomeOf(server.request(`chat.alliance.${action.do}`, this.session(action.role), {}))
      case 'update': {
        const { role, policy, minLevel } = action
        return outcomeOf(server.request('chat.alliance.update', this.session(role), { policy, minLevel }))
      }
      case 'setLevel': {
        const body = { allianceId: this.allianceId(action.alliance), level: action.level }
        return outcomeOf(server.request('chat.alliance.setLevel', undefined, body))
      }
      case 'look': {
        const body = { allianceId: this.allianceId(action.alliance) }
        return outcomeOf(server.request('chat.alliance.members', this.session(action.role), body))
      }
      default: {
        const body = { rid: this.rid(action.target) }
        return outcomeOf(server.request(`chat.alliance.${action.do}`, this.session(action.role), body))
      }
    }
  }

  /** Somebody speaks in each living alliance that has been silent. */
  async speak(): Promise<void> {
    for (const { alliance } of await this.rosters()) {
      const { key } = sharedChannel('alliance', alliance.allianceId)
      if ((await this.lastSeqOf(alliance.allianceId)) > 0) continue
      const drafts = [{ from: { rid: 'r', name: 'Speaker' }, text: 'hello', sentAtMs: this.clock.nowMs() }]
      await this.storage.stores.chatLog.append(key, drafts, { floor: 0, ceiling: 10, archive: false })
      this.spoken.add(alliance.allianceId)
    }
  }

  /** Number of the last message in the channel of an alliance. */
  async lastSeqOf(allianceId: string): Promise<number> {
    const [end] = await this.storage.stores.chatLog.ends([sharedChannel('alliance', allianceId).key])
    return end?.lastSeq ?? 0
  }

  /** Puts another server in the place of each that has died. */
  async replaceDead(): Promise<void> {
    for (const [index, server] of this.#servers.entries()) {
      const alive = Promise.resolve('alive')
      if ((await Promise.race([server.life.ended, alive])) === 'alive') server.life.extinguish()
      else {
        await server.life.settled()
        this.#servers[index] = this.#newServer(this.#storages[index] ?? this.storage)
      }
    }
  }

  /** All that was left unfinished is looked after, by all servers at once, and game asks about open payments. */
  async heal(): Promise<void> {
    await this.replaceDead()
    this.clock.advance(storyBounds.changeTimeoutMs)
    await Promise.all(this.#servers.map(({ watch }) => watch.now()))
    for (const [allianceId, hold] of this.surroundings.holds) {
      const outcome = await this.server(0).request('chat.alliance.outcome', undefined, { allianceId })
      if (outcome === 'died') throw new Error('the server is dead')
      if (hold.state === 'held') this.surroundings.end(allianceId, outcome.founded)
      if ((hold.state === 'settled') !== outcome.founded) {
        throw new Error(`payment ${allianceId} is ${hold.state}, the alliance ${JSON.stringify(outcome)}`)
      }
      if (outcome.founded && !this.founded.includes(allianceId)) this.founded.push(allianceId)
    }
  }

  /** All living alliances with their members. */
  async rosters(): Promise<readonly AllianceRoster[]> {
    const ids = [...new Set([...this.founded, ...this.surroundings.holds.keys()])]
    const found = await Promise.all(ids.map((id) => this.storage.alliances.roster(id)))
    return found.filter((roster) => roster !== undefined)
  }

  /** Topics of alliances that the session of a role receives. */
  topicsOf(role: number): readonly string[] {
    const own = [...(this.surroundings.topics.get(this.session(role).sessionId) ?? [])]
    return own.filter((topic) => topic !== roleTopic(this.rid(role)))
  }

  topicOf = (allianceId: string): string => sharedChannel('alliance', allianceId).topics[0] ?? ''

  #newServer(storage: StorageDrivers): AllianceServer {
    return new AllianceServer(storage, {
      peer: this.surroundings.peer,
      clock: this.clock,
      ids: this.#ids,
      storedRole: async (rid) => this.roles.map(this.role).find((role) => role.rid === rid),
    })
  }
}
