import { alreadyInAlliance, wrongChange } from './alliance-errors.ts'
import type { AllianceChange, AllianceState } from './alliances.ts'

/**
 * Checks what a decision asks for against the locked state: nothing may touch a role that is not locked, and nobody
 * comes to be in two alliances, or a member with open requests, whatever the rules say.
 *
 * @throws HydraError `ALREADY_IN_ALLIANCE` for a role that joins or gets a request although it is in an alliance,
 * `INTERNAL` for what no rule should ask for.
 */
export function checkAllianceChange(
  change: AllianceChange,
  { alliance: { allianceId }, memberships }: AllianceState,
  rids: readonly string[],
): void {
  const { join = [], leave = [], ranks = [], endRequests = [], addRequest } = change
  const touched = [
    ...[...join, ...ranks, ...endRequests, ...(addRequest === undefined ? [] : [addRequest])].map(
      ({ rid }) => rid,
    ),
    ...leave,
  ]
  const locked = new Set(rids)
  const stranger = touched.find((rid) => !locked.has(rid))
  if (stranger !== undefined) throw wrongChange(allianceId, `touches role ${stranger}, which is not locked`)
  const joining = new Set(join.map(({ rid }) => rid))
  const leaving = new Set(leave)
  if (joining.size < join.length || leaving.size < leave.length) {
    throw wrongChange(allianceId, 'names a role twice')
  }
  for (const { rid, uid } of join) {
    if (memberships.has(rid)) throw alreadyInAlliance(rid)
    if (uid === '') throw wrongChange(allianceId, `lets role ${rid} in without its account`)
  }
  const isMember = (rid: string) => memberships.get(rid)?.allianceId === allianceId
  for (const rid of leaving) {
    if (!isMember(rid)) throw wrongChange(allianceId, `puts role ${rid} out, which is no member`)
  }
  for (const { rid } of ranks) {
    if (joining.has(rid) || leaving.has(rid) || !isMember(rid)) {
      throw wrongChange(allianceId, `gives role ${rid}, which is no member, a rank`)
    }
  }
  if (addRequest === undefined) return
  const { rid, role } = addRequest
  if (memberships.has(rid) || joining.has(rid)) throw alreadyInAlliance(rid)
  if (role.rid !== rid || role.uid === '') {
    throw wrongChange(allianceId, `adds a request of role ${rid} without saying who that is`)
  }
}
