import { setImmediate as turn } from 'node:timers/promises'
import { ManualClock } from '@hydra/runtime'
import { sceneTopics } from '../../scene/host/scene-topics.ts'
import { GateModel } from './gate-model.ts'
import { HostModel } from './host-model.ts'
import { Luck } from './luck.ts'
import { PlayerModel, type PlayerParts } from './player-model.ts'
import { SlowNetwork } from './slow-network.ts'
import { calmTicks, recoveryTicks, stillTicks, tickMs, type Story } from './story.ts'

const playersMax = 6
const scenes = ['meadow', 'cave', 'tower']
/** Steps for which a view has to have been right after something went wrong, to be held to be right from then on. */
const settledTicks = 50
/** Steps between two looks at views to which nothing is on its way. */
const restEvery = 25

/** How one player's view fares. */
interface Fate {
  /** Step of what went wrong last; a view that nothing ever happened to has to be right at once. */
  troubleTick: number
  isTroubled: boolean
  /** Whether the view has not been right since. */
  isRecovering: boolean
  /** Steps in which the view was right since it was wrong. */
  rightTicks: number
  busyTicks: number
  readonly trace: string[]
}

/** What a story has come to. */
export interface StoryEnd {
  ticks: number
  /** Views looked at and found to be exactly the server's. */
  exact: number
  resyncs: number
  troubles: number
  /** Most steps from the last trouble to a view that was right. */
  longestRecovery: number
}

/** Scenes, servers, a gate and players, and the promises that are kept whatever happens between them. */
export class SceneWorld {
  readonly #story: Story
  readonly #luck: Luck
  readonly #network: SlowNetwork
  readonly #gate: GateModel
  readonly #clock = new ManualClock()
  readonly #hosts = new Map<string, HostModel>()
  readonly #retired = new Map<number, HostModel>()
  readonly #players: PlayerModel[] = []
  readonly #fates = new Map<string, Fate>()
  readonly #createView: PlayerParts['createView']
  readonly #lagTicks: number
  #tick = 0
  #keys = 0
  #exact = 0
  #troubles = 0
  #longestRecovery = 0

  constructor(story: Story, createView: PlayerParts['createView']) {
    this.#story = story
    this.#createView = createView
    this.#luck = new Luck(story.seed)
    this.#lagTicks = story.delayMaxMs < tickMs ? 0 : Math.ceil(story.delayMaxMs / tickMs) + 1
    this.#network = new SlowNetwork(() => this.#luck.int(0, story.delayMaxMs))
    this.#gate = new GateModel({
      network: this.#network,
      luck: this.#luck,
      story,
      listener: {
        onTrouble: (rid, what) => this.#onTrouble(rid, what),
      },
    })
    for (const id of scenes) this.#open(id)
  }

  /** Tells the story; its last steps are calm. @throws Error which promise was broken, with what went before. */
  async tell(ticks: number): Promise<StoryEnd> {
    for (let i = 0; i < ticks + calmTicks; i++) {
      if (i === ticks) this.#gate.story = { ...this.#story, drop: 0, fail: 0 }
      const isStill = i >= ticks + calmTicks - stillTicks
      if (!isStill) this.#bustle(i < ticks)
      await this.#step(!isStill)
      for (const player of this.#players) this.#check(player)
      if (i % restEvery === 0) await this.#rest()
    }
    for (const player of this.#players) {
      const isJust = this.#tick - this.#fate(player.rid).troubleTick <= recoveryTicks
      if (!isJust && !this.#isExact(player)) this.#fail(player, 'is not right in the end')
      player.view.close()
    }
    if (this.#clock.pendingTimers > 0) throw new Error('closed views have left timers behind')
    const resyncs = this.#players.reduce((sum, player) => sum + player.resyncs, 0)
    return {
      ticks: this.#tick,
      exact: this.#exact,
      resyncs,
      troubles: this.#troubles,
      longestRecovery: this.#longestRecovery,
    }
  }

  /** The scenes stand still until all that is on its way has arrived: late is then no excuse any more. */
  async #rest(): Promise<void> {
    for (let ms = 0; ms < 2 * this.#story.delayMaxMs; ms += 20) await this.#advance(20)
    for (const player of this.#players) {
      const { isTroubled } = this.#fate(player.rid)
      const isSettled = player.isConnected && !isTroubled && !this.#isBusy(player)
      if (isSettled && !this.#isExact(player, 0))
        this.#fail(player, 'is not right when everything has arrived')
    }
  }

  #bustle(isWild: boolean): void {
    const { loss, relocation } = this.#story
    // Not all come at once.
    if (this.#players.length < playersMax && this.#luck.happens(0.05)) this.#join()
    for (const [index, player] of this.#players.entries()) {
      // One only watches: its view has to notice everything without being refused anything.
      if (index > 0) player.act()
      if (isWild && player.isConnected && this.#luck.happens(loss)) player.lose()
    }
    if (isWild && this.#luck.happens(relocation)) this.#relocate(this.#luck.one(scenes) ?? '')
  }

  async #step(areKilled: boolean): Promise<void> {
    this.#tick += 1
    for (const host of this.#hosts.values()) host.tick(areKilled)
    for (let ms = 0; ms < tickMs; ms += 20) await this.#advance(20)
  }

  async #advance(ms: number): Promise<void> {
    this.#network.advance(ms)
    await turn()
    this.#clock.advance(ms)
    await turn()
  }

  #join(): void {
    const rid = `r${this.#players.length + 1}`
    const parts: PlayerParts = {
      network: this.#network,
      gate: this.#gate,
      luck: this.#luck,
      clock: this.#clock,
      hosts: this.#hosts,
      createView: this.#createView,
      onTrouble: (who, what) => this.#onTrouble(who, what),
    }
    this.#players.push(new PlayerModel(rid, this.#luck.one(scenes) ?? '', parts))
  }

  #open(id: string): void {
    const key = ++this.#keys
    const tallies = {
      sent: () => {},
      joinFailed: ({ rid }: { rid: string }, _error: unknown, isGivenUp: boolean) => {
        if (isGivenUp) this.#onTrouble(rid, 'join given up')
      },
    }
    const links = this.#gate.linksOf(`server ${key}`)
    this.#hosts.set(id, new HostModel({ id, key, links, luck: this.#luck, tallies }))
  }

  #relocate(id: string): void {
    const host = this.#hosts.get(id)
    if (host === undefined) return
    const hasDied = this.#luck.happens(0.4)
    if (hasDied) for (const rid of host.players.keys()) this.#onTrouble(rid, 'its server has died')
    host.close(hasDied)
    this.#retired.set(host.state.key, host)
    this.#open(id)
  }

  #fate(rid: string): Fate {
    const known = this.#fates.get(rid)
    if (known !== undefined) return known
    const fate: Fate = {
      troubleTick: 0,
      isTroubled: false,
      isRecovering: false,
      rightTicks: 0,
      busyTicks: 0,
      trace: [],
    }
    this.#fates.set(rid, fate)
    return fate
  }

  #onTrouble(rid: string, what: string): void {
    const fate = this.#fate(rid)
    this.#troubles += 1
    fate.troubleTick = this.#tick
    fate.isTroubled = true
    fate.isRecovering = true
    fate.rightTicks = 0
    this.#note(fate, what)
  }

  #note({ trace }: Fate, what: string): void {
    if (trace.push(`${this.#tick} ${what}`) > 40) trace.shift()
  }

  #check(player: PlayerModel): void {
    const fate = this.#fate(player.rid)
    this.#checkDigests(player)
    if (!player.isConnected) return
    const isBusy = this.#isBusy(player)
    fate.busyTicks = isBusy ? fate.busyTicks + 1 : 0
    const isRight = !isBusy && this.#isExact(player)
    if (isRight) this.#exact += 1
    if (!isBusy) fate.rightTicks = isRight ? fate.rightTicks + 1 : 0
    const sinceTrouble = this.#tick - fate.troubleTick
    if (isRight && fate.isRecovering) {
      fate.isRecovering = false
      this.#longestRecovery = Math.max(this.#longestRecovery, sinceTrouble)
    }
    if (fate.rightTicks >= settledTicks) fate.isTroubled = false
    if (isRight) return
    if (isBusy && fate.busyTicks > recoveryTicks && sinceTrouble > recoveryTicks)
      this.#fail(player, 'is busy for too long')
    if (isBusy) return
    if (!fate.isTroubled) this.#fail(player, 'is not right although nothing has gone wrong')
    if (sinceTrouble > recoveryTicks) this.#fail(player, `is not right ${sinceTrouble} steps after trouble`)
  }

  /** Whether the view is about to be another one. */
  #isBusy(player: PlayerModel): boolean {
    const { session, asking, host, rid } = player
    return asking > 0 || session.viewed < session.joins || host?.players.has(rid) !== true
  }

  /** Whatever went wrong: what a view vouches for is what the server had at some time. */
  #checkDigests(player: PlayerModel): void {
    const { view } = player
    const { info } = view
    if (info === undefined) return
    const host =
      [...this.#hosts.values()].find(({ state }) => state.key === info.x) ?? this.#retired.get(info.x)
    for (const cell of view.cells) {
      const digest = view.digest(cell)
      if (digest === undefined || host?.hadDigest(cell, digest) === true) continue
      this.#fail(player, `vouches for what never was in cell ${cell} of ${info.scene}`)
    }
  }

  /** Whether it sees what its session receives, as the server has it: all of it, and nothing else. */
  #isExact({ view, session, host, rid }: PlayerModel, lagTicks = this.#lagTicks): boolean {
    if (host === undefined || view.info?.x !== host.state.key || !view.inSync) return false
    const cells = [...session.topics].filter((topic) => topic.startsWith(sceneTopics))
    const isSameCells =
      cells.length === view.cells.length &&
      view.cells.every((cell) => session.topics.has(`${sceneTopics}${host.state.key.toString(36)}-${cell}`))
    if (!isSameCells || view.info.self !== host.players.get(rid)) return false
    const sinceTick = host.state.tick - lagTicks
    const isSameContent = view.cells.every((cell) => host.hadDigest(cell, view.digest(cell) ?? -1, sinceTick))
    return isSameContent && (lagTicks > 0 || this.#isSameEntities(view, host))
  }

  #isSameEntities(view: PlayerModel['view'], host: HostModel): boolean {
    const entities = view.cells.flatMap((cell) => host.state.snapshot(cell).e)
    return (
      [...view.entities()].length === entities.length &&
      entities.every((entity) => JSON.stringify(view.get(entity.i)) === JSON.stringify(entity))
    )
  }

  #fail(player: PlayerModel, what: string): never {
    const { trace } = this.#fate(player.rid)
    const { view, host } = player
    throw new Error(
      `Step ${this.#tick}: the view of ${player.rid} ${what}. It shows ${view.info?.x}, cells ${view.cells.join(' ')}, ` +
        `${view.inSync ? '' : 'not '}in sync; it is in ${host?.state.key}, ` +
        `receives ${[...player.session.topics].join(' ')}.\n${trace.join('\n')}`,
    )
  }
}
