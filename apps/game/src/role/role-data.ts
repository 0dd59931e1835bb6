import type { JsonObject, RoleSnapshot } from '@hydra/persistence'
import { HydraError, ledgerEntry } from '@hydra/protocol'
import { z } from 'zod'
import type { RoleState } from './role.ts'

/** Turns the data of one schema version into that of the next. */
export type Upgrade = (data: JsonObject) => JsonObject

/**
 * How roles stored in an earlier form become readable: the first entry turns version 1 into 2, and so on. To change
 * the form of {@link roleData}, append an upgrade here and a sample of the old form to `role-data.test.ts`.
 */
export const upgrades: readonly Upgrade[] = [
  (data) => ({ ...data, settings: {} }),
  // What new roles started with when wallets came; it stays, whatever they start with later.
  (data) => ({ ...data, wallet: { gold: 1_000, holds: {}, endedHolds: [] } }),
  withWorld,
]

/** What came with the world. The ledger opens with what the role has by then, so that it balances from there on. */
function withWorld(data: JsonObject): JsonObject {
  const { wallet, exp, createdAtMs } = z
    .object({
      exp: z.number(),
      createdAtMs: z.number(),
      wallet: z.looseObject({
        gold: z.number(),
        holds: z.record(z.string(), z.looseObject({ amount: z.number() })),
      }),
    })
    .parse(data)
  const held = Object.values(wallet.holds).reduce((sum, { amount }) => sum + amount, 0)
  const changes = Object.fromEntries(
    Object.entries({ gold: wallet.gold, held, exp }).filter(([, amount]) => amount !== 0),
  )
  return {
    ...data,
    wallet: { ...(data['wallet'] as JsonObject), gems: 0 },
    bag: { slots: Array.from({ length: 40 }, () => null) },
    ledger: { seq: 1, entries: [{ seq: 1, atMs: createdAtMs, reason: 'opening', changes }] },
    operations: { last: 0, made: [] },
    daily: { day: '', kills: 0, isClaimed: false },
    place: null,
  }
}

/** Version of the form that {@link toSnapshot} writes. */
export const currentSchema = upgrades.length + 1

/** What the document of a role holds besides its columns. */
const roleData = z.object({
  exp: z.number().int().nonnegative(),
  createdAtMs: z.number().int().nonnegative(),
  lastEnterAtMs: z.number().int().nonnegative(),
  // Without the limits of the contract: what was allowed when it was stored stays readable.
  settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  wallet: z.object({
    gold: z.number().int().nonnegative(),
    gems: z.number().int().nonnegative(),
    holds: z.record(
      z.string(),
      z.object({
        amount: z.number().int().positive(),
        purpose: z.enum(['alliance']),
        atMs: z.number().int().nonnegative(),
      }),
    ),
    endedHolds: z.array(z.string()),
  }),
  bag: z.object({
    slots: z.array(z.object({ item: z.string(), count: z.number().int().positive() }).nullable()),
  }),
  ledger: z.object({ seq: z.number().int().nonnegative(), entries: z.array(ledgerEntry) }),
  operations: z.object({ last: z.number().int().nonnegative(), made: z.array(z.number().int()) }),
  daily: z.object({ day: z.string(), kills: z.number().int().nonnegative(), isClaimed: z.boolean() }),
  place: z.object({ scene: z.string(), x: z.number().int(), y: z.number().int() }).nullable(),
})

/** The role as journal and database keep it. */
export function toSnapshot(role: RoleState, epoch: number): RoleSnapshot {
  const { rid, uid, name, level, version, ...data } = role
  return { rid, uid, name, level, epoch, version, schema: currentSchema, data }
}

/**
 * The role that a snapshot holds, brought to the current form.
 *
 * @throws HydraError `INTERNAL` when the data has not the form of its version, or a newer server wrote it.
 */
export function fromSnapshot(snapshot: RoleSnapshot): RoleState {
  const { rid, uid, name, level, version, schema, data } = snapshot
  const parsed = roleData.safeParse(upgraded(data, schema, upgrades))
  if (!parsed.success) {
    throw new HydraError(
      'INTERNAL',
      `The stored data of role ${rid} does not have the form of its version.`,
      {
        cause: parsed.error,
        metadata: { rid, schema },
      },
    )
  }
  return { rid, uid, name, level, version, ...parsed.data }
}

/** Applies the upgrades that follow version `schema`. @throws HydraError `INTERNAL` when the list does not know it. */
export function upgraded(data: JsonObject, schema: number, list: readonly Upgrade[]): JsonObject {
  if (!Number.isInteger(schema) || schema < 1 || schema > list.length + 1) {
    throw new HydraError(
      'INTERNAL',
      `The role was stored in version ${schema}; this server reads 1 to ${list.length + 1}. Start a newer one.`,
      { metadata: { schema } },
    )
  }
  return list.slice(schema - 1).reduce((value, upgrade) => upgrade(value), data)
}
