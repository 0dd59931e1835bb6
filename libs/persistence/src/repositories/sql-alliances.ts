import { HydraError } from '@hydra/protocol'
import type { Clock } from '@hydra/runtime'
import type { Database } from '../database/database.ts'
import { sqlOf } from '../database/sql.ts'
import type { TablesDb } from '../database/tables.ts'
import { toAlliance, toMembers, toMembership } from './alliance-rows.ts'
import type { AllianceMembership, AllianceRole, Alliances } from './alliances.ts'
import { changeAlliance, type AllianceWriteOptions } from './change-alliance.ts'
import { foundAlliance, foundingsCollide, pruneFoundings, voidFounding } from './found-alliance.ts'
import { listLog, listRequestsOf, listRequestsWith, searchAlliances } from './list-alliances.ts'
import { isMoved, updateAllianceRole } from './update-alliance-role.ts'

/** What alliances need. */
export interface AlliancesDeps {
  readonly clock: Clock
  /** Entries of its log that each alliance keeps, the latest; 500 when absent. */
  readonly logMax?: number
}

/** Most roles that one change is about. */
const rolesMax = 10
/** Roles of one statement of `memberships`. */
const membershipsMax = 500
/** How often something is tried in all that others can get ahead of. */
const attemptsMax = 5

/**
 * Alliances in a database that has been migrated.
 *
 * @example const alliances = createAlliances(database, { clock: systemClock })
 */
export function createAlliances(database: Database, deps: AlliancesDeps): Alliances {
  const sql = sqlOf(database)
  const { kind } = database
  const { clock, logMax = 500 } = deps
  const options = (): AllianceWriteOptions => ({ kind, nowMs: clock.nowMs(), logMax })

  return {
    async create(draft) {
      await sql.run((db) => pruneFoundings(db, clock.nowMs()))
      const collision = foundingsCollide()
      for (let attempt = 1; ; attempt++) {
        try {
          return await sql.transact((db) => foundAlliance(db, draft, options()), {
            onDuplicate: () => collision,
          })
        } catch (error) {
          // Another one has just taken name or tag: the next look shows which, or that it is free again.
          if (error !== collision || attempt >= attemptsMax) throw error
        }
      }
    },
    async voidFounding(allianceId) {
      await sql.run((db) => pruneFoundings(db, clock.nowMs()))
      return { founded: await sql.transact((db) => voidFounding(db, allianceId, options())) }
    },
    async change(allianceId, rids, decide) {
      if (rids.length > rolesMax) throw tooManyRoles(rids.length)
      // What the rules throw is no error of the database, whatever it is.
      const refused: { by?: { readonly error: unknown } } = {}
      const decideOrNote: typeof decide = (state) => {
        try {
          return decide(state)
        } catch (error) {
          refused.by = { error }
          throw error
        }
      }
      try {
        return await sql.transact((db) => changeAlliance(db, allianceId, rids, decideOrNote, options()))
      } catch (error) {
        throw refused.by === undefined ? error : refused.by.error
      }
    },
    async find(allianceId) {
      const row = await sql.run((db) =>
        db.selectFrom('alliances').selectAll().where('alliance_id', '=', allianceId).executeTakeFirst(),
      )
      return row === undefined ? undefined : toAlliance(row)
    },
    roster: (allianceId) => sql.run((db) => readRoster(db, allianceId)),
    async memberships(rids) {
      const found = new Map<string, AllianceMembership>()
      for (let from = 0; from < rids.length; from += membershipsMax) {
        const some = rids.slice(from, from + membershipsMax)
        const rows = await sql.run((db) =>
          db.selectFrom('alliance_roles').selectAll().where('rid', 'in', some).execute(),
        )
        for (const membership of toMembers(rows)) found.set(membership.rid, membership)
      }
      return rids.map((rid) => found.get(rid))
    },
    async updateRole(role) {
      for (let attempt = 1; attempt <= attemptsMax; attempt++) {
        const row = await sql.run((db) =>
          db.selectFrom('alliance_roles').selectAll().where('rid', '=', role.rid).executeTakeFirst(),
        )
        if (row === undefined) return undefined
        if (row.uid === role.uid && row.name === role.name && row.level === role.level)
          return toMembership(row)
        const updated = await sql.transact((db) => updateAllianceRole(db, kind, role, row.alliance_id))
        if (!isMoved(updated)) return updated
      }
      throw neverStays(role)
    },
    search: (page) => sql.run((db) => searchAlliances(db, page)),
    requestsOf: (allianceId, requestKind, page) =>
      sql.run((db) => listRequestsOf(db, allianceId, requestKind, page)),
    requestsWith: (rid) => sql.run((db) => listRequestsWith(db, rid)),
    log: (allianceId, page) => sql.run((db) => listLog(db, allianceId, page)),
  }
}

/** One statement sees one moment. */
async function readRoster(db: TablesDb, allianceId: string): ReturnType<Alliances['roster']> {
  const rows = await db
    .selectFrom('alliances as alliance')
    .leftJoin('alliance_roles as role', 'role.alliance_id', 'alliance.alliance_id')
    .selectAll('alliance')
    .select([
      'role.rid',
      'role.uid',
      'role.name as role_name',
      'role.level as role_level',
      'role.rank',
      'role.joined_at_ms',
    ])
    .where('alliance.alliance_id', '=', allianceId)
    .execute()
  const [first] = rows
  if (first === undefined) return undefined
  const members = toMembers(
    rows.flatMap(({ rid, uid, role_name, role_level, alliance_id, rank, joined_at_ms }) =>
      rid === null || uid === null || role_name === null || role_level === null
        ? []
        : { rid, uid, name: role_name, level: role_level, alliance_id, rank, joined_at_ms },
    ),
  )
  return { alliance: toAlliance(first), members }
}

const tooManyRoles = (count: number): HydraError =>
  new HydraError('BAD_REQUEST', `A change of an alliance is about ${count} roles; at most ${rolesMax} fit.`, {
    metadata: { path: 'rids', expectation: `at most ${rolesMax}` },
  })

const neverStays = ({ rid }: AllianceRole): HydraError =>
  new HydraError(
    'STORAGE_UNAVAILABLE',
    `Role ${rid} changes its alliance faster than its name can be noted; try again.`,
    { metadata: { rid } },
  )
