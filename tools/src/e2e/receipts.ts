import type { BotWatch } from '@hydra/bots'
import type { ItemStack, LedgerEntry, PayloadOf, pushes } from '@hydra/protocol'

type Rewarded = PayloadOf<typeof pushes.game.role.rewarded>

/** Sums by asset. */
export type Assets = ReadonlyMap<string, number>

/** What a player was told that it has got or given away, to be found in its ledger whatever has died since. */
export class Receipts implements BotWatch {
  /** Sums by reason and asset, as `loot item:slime-jelly`. */
  readonly #told = new Map<string, number>()
  /** Rewards by their kill cannot be told apart; their pushes can, by the version of the role. */
  readonly #versions = new Set<number>()
  /** Routes that have been answered since {@link forget}. */
  readonly answered = new Set<string>()

  /** How many receipts there are. */
  count = 0

  readonly onAnswer = (route: string, request: unknown, response: unknown): void => {
    this.answered.add(route)
    if (response === undefined) return
    if (route === 'game.scene.pick') this.#items('loot', response as ItemStack, 1)
    if (route === 'game.bag.sell') this.#items('sell', request as ItemStack, -1)
    if (route === 'game.bag.use') this.#items('use', request as ItemStack, -1)
  }

  readonly onPush = (name: string, payload: unknown): void => {
    if (name !== 'game.role.rewarded') return
    const { reason, exp, gold, role } = payload as Rewarded
    if (reason !== 'kill' || this.#versions.has(role.version)) return
    this.#versions.add(role.version)
    this.#note('kill', 'exp', exp)
    this.#note('kill', 'gold', gold)
  }

  /** What was told and is not in the ledger. */
  missingIn(entries: readonly LedgerEntry[]): readonly string[] {
    const found = new Map<string, number>()
    for (const { reason, changes } of entries) {
      for (const [asset, amount] of Object.entries(changes)) {
        // Using a chest takes it and gives others: what was told is only what it took.
        if (reason === 'use' && amount > 0) continue
        add(found, `${reason} ${asset}`, amount)
      }
    }
    return [...this.#told].flatMap(([what, amount]) => {
      const has = found.get(what) ?? 0
      // More than was told: an answer was lost, which is all right.
      return Math.abs(has) >= Math.abs(amount) ? [] : [`${what}: told ${amount}, ledger ${has}`]
    })
  }

  #items(reason: LedgerEntry['reason'], { item, count }: ItemStack, sign: 1 | -1): void {
    this.#note(reason, `item:${item}`, sign * count)
  }

  #note(reason: LedgerEntry['reason'], asset: string, amount: number): void {
    this.count++
    if (amount !== 0) add(this.#told, `${reason} ${asset}`, amount)
  }
}

/** What a ledger adds up to. @throws Error when an entry is missing: they are numbered without gaps. */
export function balanceOf(entries: readonly LedgerEntry[]): Assets {
  const sums = new Map<string, number>()
  for (const [index, { seq, changes }] of entries.toSorted((a, b) => a.seq - b.seq).entries()) {
    if (seq !== index + 1) throw new Error(`Entry ${index + 1} is missing; the next one is ${seq}.`)
    for (const [asset, amount] of Object.entries(changes)) add(sums, asset, amount)
  }
  return nonZero(sums)
}

/** Without what there is nothing of. */
export const nonZero = (assets: Assets): Assets => new Map([...assets].filter(([, amount]) => amount !== 0))

function add(sums: Map<string, number>, key: string, amount: number): void {
  sums.set(key, (sums.get(key) ?? 0) + amount)
}
