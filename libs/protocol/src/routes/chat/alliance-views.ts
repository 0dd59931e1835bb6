import * as z from 'zod'
import { limits } from '../../limits.ts'
import { id, roleName, timestampMs } from '../shared.ts'

/** Ranks in an alliance, the highest first. */
export const allianceRanks = ['leader', 'officer', 'member'] as const
/** One of {@link allianceRanks}. */
export type AllianceRank = (typeof allianceRanks)[number]
/** Schema of {@link AllianceRank}. */
export const allianceRank = z.enum(allianceRanks)

/** Who may join: everybody, who is approved, or only who is invited. */
export const alliancePolicies = ['open', 'apply', 'closed'] as const
/** One of {@link alliancePolicies}. */
export type AlliancePolicy = (typeof alliancePolicies)[number]
/** Schema of {@link AlliancePolicy}. */
export const alliancePolicy = z
  .enum(alliancePolicies)
  .describe('`open`: everybody joins; `apply`: who is approved; `closed`: only who is invited.')

/** What everybody may know about an alliance. */
export const allianceView = z.object({
  allianceId: id,
  name: z.string(),
  tag: z.string(),
  level: z.number().int().min(1),
  description: z.string(),
  policy: alliancePolicy,
  minLevel: z.number().int().min(1).describe('Roles below this level can only be invited.'),
  members: z.number().int().min(0),
  capacity: z.number().int().min(1).max(limits.allianceMembersMax),
  leader: z.object({ rid: id, name: roleName }),
  createdAtMs: timestampMs,
})
/** Type of {@link allianceView}. */
export type AllianceView = z.output<typeof allianceView>

/** A member of an alliance. */
export const allianceMember = z.object({
  rid: id,
  name: roleName,
  level: z.number().int().min(1),
  rank: allianceRank,
  joinedAtMs: timestampMs,
  online: z.boolean(),
  lastSeenAtMs: timestampMs.optional().describe('When an offline member was last online; absent: not known.'),
})
/** Type of {@link allianceMember}. */
export type AllianceMember = z.output<typeof allianceMember>

/** An application or an invitation. */
export const allianceRequest = z.object({
  kind: z.enum(['application', 'invitation']),
  allianceId: id,
  allianceName: z.string(),
  rid: id,
  name: roleName,
  level: z.number().int().min(1),
  atMs: timestampMs,
  by: z.object({ rid: id, name: roleName }).optional().describe('Who has invited.'),
})
/** Type of {@link allianceRequest}. */
export type AllianceRequest = z.output<typeof allianceRequest>

/** What can happen in an alliance. */
export const allianceEventKinds = [
  'founded',
  'joined',
  'applied',
  'cancelled',
  'approved',
  'rejected',
  'invited',
  'uninvited',
  'accepted',
  'declined',
  'left',
  'kicked',
  'promoted',
  'demoted',
  'handedOver',
  'updated',
  'levelled',
  'disbanded',
] as const
/** One of {@link allianceEventKinds}. */
export type AllianceEventKind = (typeof allianceEventKinds)[number]

/** Something that has happened in an alliance. */
export const allianceEvent = z.object({
  seq: z.number().int().min(1).describe('Counts from 1 in each alliance, without gaps.'),
  atMs: timestampMs,
  kind: z.enum(allianceEventKinds),
  actor: z.object({ rid: id, name: roleName }).optional().describe('Who did it; absent: a service.'),
  target: z.object({ rid: id, name: roleName }).optional().describe('To whom it was done.'),
  detail: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .optional()
    .describe('What has changed, for example `policy` or `level`.'),
})
/** Type of {@link allianceEvent}. */
export type AllianceEvent = z.output<typeof allianceEvent>
