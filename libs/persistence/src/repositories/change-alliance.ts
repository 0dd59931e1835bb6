import type { AllianceEvent } from '@hydra/protocol'
import { sql } from 'kysely'
import type { DatabaseKind } from '../database/database.ts'
import type { AllianceRoleRow, AllianceRow, TablesDb } from '../database/tables.ts'
import { allianceNotFound } from './alliance-errors.ts'
import { readMembers, toAlliance, toLogRow, toMembership, toRequest } from './alliance-rows.ts'
import type {
  AllianceChange,
  AllianceChanged,
  AllianceEventDraft,
  AllianceRole,
  AllianceState,
} from './alliances.ts'
import { checkAllianceChange } from './check-alliance-change.ts'
import { isBlank, lockAlliance, lockRoles, removeBlanks } from './lock-alliance.ts'

/** What {@link changeAlliance} goes by. */
export interface AllianceWriteOptions {
  readonly kind: DatabaseKind
  readonly nowMs: number
  /** Entries of its log that each alliance keeps. */
  readonly logMax: number
}

/** See `Alliances.change`; to be run in a transaction. */
export async function changeAlliance(
  db: TablesDb,
  allianceId: string,
  rids: readonly string[],
  decide: (state: AllianceState) => AllianceChange | undefined,
  options: AllianceWriteOptions,
): Promise<AllianceChanged | undefined> {
  const row = await lockAlliance(db, options.kind, allianceId)
  if (row === undefined) throw allianceNotFound(allianceId)
  const roles = await lockRoles(db, options.kind, rids)
  const state = await readState(db, row, roles)
  const change = decide(state)
  if (change !== undefined) checkAllianceChange(change, state, rids)
  const known = new Set([
    ...(change?.join ?? []).map(({ rid }) => rid),
    ...(change?.addRequest === undefined ? [] : [change.addRequest.rid]),
  ])
  const blanks = [...roles.values()].filter((role) => isBlank(role) && !known.has(role.rid))
  await removeBlanks(
    db,
    blanks.map(({ rid }) => rid),
  )
  if (change === undefined) return undefined
  const event = change.log === undefined ? undefined : toEntry(change.log, row.log_seq + 1, options.nowMs)
  const changed =
    change.disband === true ? await disband(db, state) : await apply(db, row, change, event, options)
  return event === undefined ? changed : { ...changed, event }
}

async function readState(
  db: TablesDb,
  row: AllianceRow,
  roles: ReadonlyMap<string, AllianceRoleRow>,
): Promise<AllianceState> {
  const ofAlliance = db.selectFrom('alliance_requests').where('alliance_id', '=', row.alliance_id)
  const counts = await ofAlliance
    .select((expression) => ['kind', expression.fn.countAll<number>().as('count')])
    .groupBy('kind')
    .execute()
  const count = (kind: 'application' | 'invitation') =>
    counts.find((counted) => counted.kind === kind)?.count ?? 0
  const requests =
    roles.size === 0
      ? []
      : await ofAlliance
          .selectAll()
          .where('rid', 'in', [...roles.keys()])
          .orderBy('at_ms')
          .orderBy('rid')
          .orderBy('kind')
          .execute()
  const memberships = [...roles.values()].flatMap((role) => toMembership(role) ?? [])
  return {
    alliance: toAlliance(row),
    memberships: new Map(memberships.map((membership) => [membership.rid, membership])),
    requests: requests.map(toRequest),
    requestCounts: { application: count('application'), invitation: count('invitation') },
  }
}

async function apply(
  db: TablesDb,
  row: AllianceRow,
  change: AllianceChange,
  event: AllianceEvent | undefined,
  options: AllianceWriteOptions,
): Promise<AllianceChanged> {
  const { alliance_id: allianceId } = row
  await leaveAlliance(db, change.leave ?? [])
  for (const { rank, ...role } of change.join ?? []) {
    await joinAlliance(db, role, {
      alliance_id: allianceId,
      rank,
      joined_at_ms: options.nowMs,
    })
  }
  for (const { rid, rank } of change.ranks ?? []) {
    await db.updateTable('alliance_roles').set({ rank }).where('rid', '=', rid).execute()
  }
  for (const { rid, kind } of change.endRequests ?? []) {
    await db
      .deleteFrom('alliance_requests')
      .where('alliance_id', '=', allianceId)
      .where('rid', '=', rid)
      .where('kind', '=', kind)
      .execute()
  }
  if (change.addRequest !== undefined) await addRequest(db, allianceId, change.addRequest, options)
  if (event !== undefined) await writeLog(db, allianceId, event, options.logMax)
  const members = await readMembers(db, allianceId)
  const after: AllianceRow = {
    ...row,
    ...settingsOf(change.set ?? {}, row),
    member_count: members.length,
    log_seq: event?.seq ?? row.log_seq,
    version: row.version + 1,
  }
  await db.updateTable('alliances').set(after).where('alliance_id', '=', allianceId).execute()
  return { alliance: toAlliance(after), members, left: change.leave ?? [] }
}

async function disband(db: TablesDb, { alliance }: AllianceState): Promise<AllianceChanged> {
  const { allianceId } = alliance
  const left = (await readMembers(db, allianceId)).map(({ rid }) => rid)
  // Roles before requests: whoever holds a role may be about to remove its requests, and waits for nothing of ours.
  await leaveAlliance(db, left)
  for (const table of ['alliance_requests', 'alliance_log', 'alliances'] as const) {
    await db.deleteFrom(table).where('alliance_id', '=', allianceId).execute()
  }
  return { alliance, members: [], left }
}

async function leaveAlliance(db: TablesDb, rids: readonly string[]): Promise<void> {
  if (rids.length === 0) return
  await db
    .updateTable('alliance_roles')
    .set({ alliance_id: null, rank: null, joined_at_ms: null })
    .where('rid', 'in', rids.toSorted())
    .execute()
}

/** Makes a locked role a member and ends all of its requests. */
export async function joinAlliance(
  db: TablesDb,
  { rid, uid, name, level }: AllianceRole,
  membership: Pick<AllianceRoleRow, 'alliance_id' | 'rank' | 'joined_at_ms'>,
): Promise<void> {
  await db
    .updateTable('alliance_roles')
    .set({ uid, name, level, ...membership })
    .where('rid', '=', rid)
    .execute()
  // Those with other alliances as well, which are not locked: requests of a role are only added under the lock of the
  // role, so there cannot be more than are found here. By primary key and in its order, as when an alliance is
  // disbanded, so that the two never hold what the other one waits for.
  const open = await db
    .selectFrom('alliance_requests')
    .select(['alliance_id', 'kind'])
    .where('rid', '=', rid)
    .orderBy('alliance_id')
    .orderBy('kind')
    .execute()
  for (const { alliance_id, kind } of open) {
    await db
      .deleteFrom('alliance_requests')
      .where('alliance_id', '=', alliance_id)
      .where('rid', '=', rid)
      .where('kind', '=', kind)
      .execute()
  }
}

/** A request that is there already stays as it is. */
async function addRequest(
  db: TablesDb,
  allianceId: string,
  { rid, kind, by, role }: NonNullable<AllianceChange['addRequest']>,
  { kind: databaseKind, nowMs }: AllianceWriteOptions,
): Promise<void> {
  const { uid, name, level } = role
  await db.updateTable('alliance_roles').set({ uid, name, level }).where('rid', '=', rid).execute()
  const insert = db.insertInto('alliance_requests').values({
    alliance_id: allianceId,
    rid,
    kind,
    at_ms: nowMs,
    by_rid: by?.rid ?? null,
    by_name: by?.name ?? null,
  })
  await (
    databaseKind === 'mysql'
      ? insert.onDuplicateKeyUpdate({ rid: sql`values(${sql.ref('rid')})` })
      : insert.onConflict((conflict) => conflict.doNothing())
  ).execute()
}

/** Adds an entry and removes those that are too old to be kept. */
export async function writeLog(
  db: TablesDb,
  allianceId: string,
  event: AllianceEvent,
  logMax: number,
): Promise<void> {
  await db.insertInto('alliance_log').values(toLogRow(allianceId, event)).execute()
  if (event.seq <= logMax) return
  await db
    .deleteFrom('alliance_log')
    .where('alliance_id', '=', allianceId)
    .where('seq', '<=', event.seq - logMax)
    .execute()
}

const toEntry = (draft: AllianceEventDraft, seq: number, atMs: number): AllianceEvent => ({
  seq,
  atMs,
  ...draft,
})

const settingsOf = (set: NonNullable<AllianceChange['set']>, row: AllianceRow) => ({
  level: set.level ?? row.level,
  notice: set.notice ?? row.notice,
  description: set.description ?? row.description,
  policy: set.policy ?? row.policy,
  min_level: set.minLevel ?? row.min_level,
  leader_rid: set.leaderRid ?? row.leader_rid,
})
