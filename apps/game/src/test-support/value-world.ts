import { HydraError, routes, type LedgerEntry } from '@hydra/protocol'
import { grant } from '../ledger/grant.ts'
import { withEntry } from '../ledger/ledger.ts'
import { toSnapshot } from '../role/role-data.ts'
import { newRole } from '../role/role.ts'
import { nextTurn } from './faults.ts'
import { GameWorld, type TestGame } from './game-world.ts'
import { PossibleValues, type AnsweredCall } from './possible-values.ts'
import { smallTables } from './small-tables.ts'
import type { TestBackends } from './test-backends.ts'
import type { TestGate, TestSession } from './test-gate.ts'
import { applied, newValue, type OwnedValue, type ValueCall } from './value-model.ts'
import { CallMaker, type CallDraft, type ValueStep } from './value-steps.ts'

const { bag, wallet, role } = routes.game

/** Answers after which one does not know, or has to try again: all others are definite. */
const passing = new Set([
  'STORAGE_UNAVAILABLE',
  'SERVER_BUSY',
  'SERVER_GONE',
  'NO_SERVER',
  'SHUTTING_DOWN',
  'TIMEOUT',
  'ROLE_ELSEWHERE',
])
/** After so many attempts the stores work again, and after so many more the server is given up. */
const healAfter = 4
const crashAfter = 8
const attemptsMax = 200

interface Player {
  readonly session: TestSession & { rid: string }
  readonly possible: PossibleValues
  readonly maker: CallMaker
  /** Resolves when all that was begun for this player has ended. */
  last: Promise<void>
}

/**
 * Players whose value comes and goes on a game server that fails and dies, each of whom asks again until the answer is
 * definite. What they own is compared with the plain model: after each crash, and at the end.
 */
export class ValueWorld {
  readonly #world: GameWorld
  readonly #stepMs: number
  readonly #games: TestGame[] = []
  readonly #players: Player[] = []
  #gate: TestGate | undefined
  #crashing: Promise<void> | undefined

  constructor(backends: TestBackends, options: { readonly stepMs: number }) {
    // Holds are ended by those who made them, and by nobody else.
    this.#world = new GameWorld(backends, { tables: smallTables, holdMaxMs: 3_600_000 })
    this.#stepMs = options.stepMs
  }

  /** Plays steps from the beginning to the end. @throws Error what is not as it must be. */
  async play(steps: readonly ValueStep[], entriesBefore: readonly number[]): Promise<void> {
    const running = setInterval(() => this.#world.clock.advance(this.#stepMs), 1)
    try {
      await this.#begin(entriesBefore)
      for (const step of steps) await this.#step(step)
      await this.#settle()
      await this.#crash()
      await this.#settle()
      // All that the dead have not done yet comes now, too late.
      for (const { faults } of this.#games) faults.heal()
      await this.#crash()
      await this.#settle()
    } finally {
      clearInterval(running)
      for (const { faults } of this.#games) faults.end()
      await Promise.allSettled(this.#players.map(({ last }) => last))
      await this.#world.close()
    }
  }

  async #begin(entriesBefore: readonly number[]): Promise<void> {
    await this.#world.startChat()
    this.#games.push(await this.#world.startGame())
    this.#gate = await this.#world.startGate()
    for (const [index, entries] of entriesBefore.entries())
      this.#players.push(await this.#addPlayer(index, entries))
  }

  /** A role with a past: its ledger may be so long already that it is to be archived. */
  async #addPlayer(index: number, entries: number): Promise<Player> {
    const identity = { rid: `role-${index}`, uid: `uid-${index}`, name: `Name${index}` }
    const deps = { tables: smallTables, nowMs: this.#world.clock.nowMs() }
    let state = newRole(identity, deps.nowMs)
    let value = newValue()
    for (let entry = 0; entry < entries; entry++) {
      const items = entry < 4 ? [{ item: ['herb', 'box', 'scroll', 'purse'][entry] ?? '', count: 3 }] : []
      const past = { ref: `past-${entry}`, exp: 1, gold: 2, items }
      state = withEntry(state, { reason: 'kill', ...past }, deps)
      value = applied(value, { do: 'kill', ...past }, smallTables).value
    }
    await this.#world.storage.roles.create(toSnapshot(state, 0), { maxPerAccount: 8 })
    const session = { ...(await this.#gateNow().login(identity.uid)), rid: identity.rid }
    const maker = new CallMaker(identity.rid)
    return { session, possible: new PossibleValues(value, smallTables), maker, last: Promise.resolve() }
  }

  async #step(step: ValueStep): Promise<void> {
    switch (step.do) {
      case 'calls': {
        const player = this.#players[step.role]
        if (player !== undefined) this.#then(player, () => this.#calls(player, step.drafts, step.times))
        // What fails shows at the end.
        if (step.isAwaited) await player?.last.catch(() => {})
        return
      }
      case 'fault':
        for (const call of step.calls) this.#now().faults[step.kind].add(call)
        return
      case 'heal':
        this.#now().faults.heal()
        return
      case 'crash':
        await this.#crash()
        for (const player of this.#players) this.#then(player, () => this.#look(player))
        return
      case 'pause':
        for (let turn = 0; turn < step.turns; turn++) await nextTurn()
    }
  }

  async #settle(): Promise<void> {
    await Promise.all(this.#players.map(({ last }) => last))
    for (const player of this.#players) await this.#look(player)
  }

  /** What fails once fails the whole story, at its end. */
  #then(player: Player, work: () => Promise<void>): void {
    player.last = player.last.then(work)
    player.last.catch(() => {})
  }

  async #calls(player: Player, drafts: readonly CallDraft[], times: number): Promise<void> {
    const calls = drafts.map((draft) => player.maker.make(draft, player.possible.any))
    const distinct = calls.filter(
      ({ call }, index) => calls.findIndex((other) => other.call === call) === index,
    )
    const answered = await Promise.all(
      distinct.map(async ({ call, again }): Promise<AnsweredCall> => {
        const sent = Array.from({ length: times }, () => this.#untilDefinite(() => this.#send(player, call)))
        return { call, answer: definite(await Promise.all(sent), call, again) }
      }),
    )
    player.possible.made(answered)
  }

  async #send({ session }: Player, call: ValueCall): Promise<unknown> {
    const { id, game } = this.#now()
    const holder = { rid: session.rid, uid: session.uid }
    const to = { to: { server: id } }
    switch (call.do) {
      case 'use':
      case 'sell': {
        const { operation, slot, item, count } = call
        return this.#gateNow().request(session, bag[call.do], { operation, slot, item, count }, id)
      }
      case 'move': {
        const { do: _do, ...body } = call
        return this.#gateNow().request(session, bag.move, body, id)
      }
      case 'hold':
        return this.#gateNow().peer.call(
          wallet.hold,
          { ...holder, holdId: call.holdId, amount: call.amount, purpose: 'alliance' },
          to,
        )
      case 'settle':
      case 'release':
        return this.#gateNow().peer.call(wallet[call.do], { ...holder, holdId: call.holdId }, to)
      case 'kill':
      case 'loot': {
        const { ref, exp, gold, items } = call
        return grant(game, holder, { reason: call.do, ref, exp, gold, items }, { withinMs: 2_000 })
      }
    }
  }

  /** Compares what the role's player is shown with what it may own. */
  async #look(player: Player): Promise<void> {
    const { session } = player
    const ask = <T>(what: () => Promise<T>) => this.#untilAnswered(what)
    const gate = this.#gateNow()
    const { slots } = await ask(() => gate.request(session, bag.get, {}, this.#now().id))
    const { gold, gems, held } = await ask(() => gate.request(session, wallet.get, {}, this.#now().id))
    const { role: view } = await ask(() => gate.request(session, role.get, {}, this.#now().id))
    const entries: LedgerEntry[] = []
    for (;;) {
      const beforeSeq = entries.at(-1)?.seq
      const body = { limit: 50, ...(beforeSeq === undefined ? {} : { beforeSeq }) }
      const page = await ask(() => gate.request(session, wallet.ledger, body, this.#now().id))
      if (page.entries.length === 0) break
      entries.push(...page.entries)
    }
    entries.reverse()
    checkNumbers(entries)
    const holds = Object.entries(this.#now().game.actors.peek(session.rid)?.wallet.holds ?? {})
    const heldNow = Object.fromEntries(holds.map(([id, { amount }]) => [id, amount]))
    checkSums(entries, { gold, gems, held, slots })
    const ledger = entries.map(({ reason, ref, changes }) =>
      ref === undefined ? { reason, changes } : { reason, ref, changes },
    )
    player.possible.seen({ level: view.level, exp: view.exp, gold, gems, held: heldNow, slots, ledger })
  }

  async #untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
    let answer: { readonly value: T } | undefined
    const { code } = await this.#untilDefinite(async () => void (answer = { value: await ask() }))
    if (answer === undefined) throw new Error(`a question was answered ${code}`)
    return answer.value
  }

  /** Asks again until the answer is definite; answers it, and whether an attempt before may have done something. */
  async #untilDefinite(send: () => Promise<unknown>): Promise<Definite> {
    let isUnknown = false
    for (let attempt = 1; attempt <= attemptsMax; attempt++) {
      try {
        await send()
        return { code: 'done', isUnknown }
      } catch (error) {
        const { code } = HydraError.from(error)
        if (!passing.has(code)) return { code, isUnknown }
        isUnknown = true
      }
      if (attempt % healAfter === 0) this.#now().faults.heal()
      if (attempt % crashAfter === 0) await this.#crash()
      for (let turn = 0; turn < attempt; turn++) await nextTurn()
    }
    throw new Error(`no definite answer after ${attemptsMax} attempts`)
  }

  /** The server dies and another one is there, once for all who want it at one time. */
  #crash(): Promise<void> {
    this.#crashing ??= this.#replace().finally(() => (this.#crashing = undefined))
    return this.#crashing
  }

  async #replace(): Promise<void> {
    const dead = this.#now()
    const next = await this.#world.startGame()
    await dead.die()
    this.#games.push(next)
  }

  #now(): TestGame {
    const game = this.#games.at(-1)
    if (game === undefined) throw new Error('there is always a game server')
    return game
  }

  #gateNow(): TestGate {
    if (this.#gate === undefined) throw new Error('there is always a gate')
    return this.#gate
  }
}

interface Definite {
  readonly code: string
  readonly isUnknown: boolean
}

/** What the answers to the same call mean together. @throws Error when it was made twice. */
function definite(answers: readonly Definite[], call: ValueCall, again: boolean): string {
  const done = answers.filter(({ code }) => code === 'done')
  if (!('operation' in call)) return done.length > 0 ? 'done' : (answers[0]?.code ?? '')
  if (done.length > 1) throw new Error(`made ${done.length} times: ${JSON.stringify(call)}`)
  if (done.length === 1) return 'done'
  const isRepeated = answers.some(({ code }) => code === 'OPERATION_REPEATED')
  // That it had been made before was said to somebody whose first attempt had no answer.
  if (isRepeated && !again && answers.some(({ isUnknown }) => isUnknown)) return 'done'
  return answers[0]?.code ?? ''
}

function checkNumbers(entries: readonly LedgerEntry[]): void {
  const wrong = entries.findIndex(({ seq }, index) => seq !== index + 1)
  if (wrong !== -1) throw new Error(`entry ${entries[wrong]?.seq} stands at place ${wrong + 1} of the ledger`)
}

/** For each asset, the sum of the whole ledger is what the role has. Experience is compared by the model. */
function checkSums(
  entries: readonly LedgerEntry[],
  has: Pick<OwnedValue, 'gold' | 'gems' | 'slots'> & { readonly held: number },
): void {
  const sums = new Map<string, number>()
  for (const { changes } of entries) {
    for (const [asset, change] of Object.entries(changes)) sums.set(asset, (sums.get(asset) ?? 0) + change)
  }
  const owned = new Map<string, number>([
    ['gold', has.gold],
    ['gems', has.gems],
    ['held', has.held],
  ])
  for (const lies of has.slots) {
    if (lies !== null) owned.set(`item:${lies.item}`, (owned.get(`item:${lies.item}`) ?? 0) + lies.count)
  }
  for (const asset of new Set([...sums.keys(), ...owned.keys()])) {
    if (asset === 'exp' || (sums.get(asset) ?? 0) === (owned.get(asset) ?? 0)) continue
    throw new Error(`the entries of ${asset} sum up to ${sums.get(asset)}, and it has ${owned.get(asset)}`)
  }
}
