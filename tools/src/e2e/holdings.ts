import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Actor } from '@hydra/bots'
import { limits, routes, type ItemStack, type LedgerEntry } from '@hydra/protocol'
import { nonZero, type Assets } from './receipts.ts'
import { tablesDirectory } from './scene-tables.ts'

const { wallet, bag, role } = routes.game

/** All of a role's ledger, by the page, as any client can read it. */
export async function ledgerOf(me: Pick<Actor, 'request'>): Promise<readonly LedgerEntry[]> {
  const all: LedgerEntry[] = []
  for (;;) {
    const oldest = all.at(-1)?.seq
    if (oldest === 1) return all
    const { entries } = await me.request(wallet.ledger, {
      limit: limits.ledgerPageMax,
      ...(oldest === undefined ? {} : { beforeSeq: oldest }),
    })
    if (entries.length === 0) return all
    all.push(...entries)
  }
}

/** What a role has, as any client can read it, by the assets of the ledger. */
export async function holdingsOf(me: Pick<Actor, 'request'>): Promise<Assets> {
  const purse = await me.request(wallet.get, {})
  const { slots } = await me.request(bag.get, {})
  const { level, exp } = (await me.request(role.get, {})).role
  return assetsOf({ ...purse, slots, level, exp })
}

/** What is counted, of a role in whatever form. */
export interface Counted {
  readonly gold: number
  readonly held: number
  readonly gems: number
  readonly level: number
  readonly exp: number
  readonly slots: readonly (ItemStack | null)[]
}

/** By the assets of the ledger. */
export async function assetsOf({ gold, held, gems, level, exp, slots }: Counted): Promise<Assets> {
  const assets = new Map([
    ['gold', gold],
    ['held', held],
    ['gems', gems],
    ['exp', (await expBelow(level)) + exp],
  ])
  for (const stack of slots) {
    if (stack !== null)
      assets.set(`item:${stack.item}`, (assets.get(`item:${stack.item}`) ?? 0) + stack.count)
  }
  return nonZero(assets)
}

/** Experience that all levels below one have taken. */
async function expBelow(level: number): Promise<number> {
  const rows = JSON.parse(await readFile(join(tablesDirectory, 'levels.json'), 'utf8')) as readonly {
    readonly level: number
    readonly exp?: number
  }[]
  return rows.filter((row) => row.level < level).reduce((sum, { exp = 0 }) => sum + exp, 0)
}
