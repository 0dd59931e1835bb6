import { HydraError } from '@hydra/protocol'

/** There is no alliance under this id. */
export const allianceNotFound = (allianceId: string): HydraError =>
  new HydraError('ALLIANCE_NOT_FOUND', `There is no alliance ${allianceId}, or not any more.`, {
    metadata: { allianceId },
  })

/** Another alliance has the name. */
export const allianceNameTaken = (name: string): HydraError =>
  new HydraError('ALLIANCE_NAME_TAKEN', `The alliance name "${name}" is taken; choose another.`, {
    metadata: { name },
  })

/** Another alliance has the tag. */
export const allianceTagTaken = (tag: string): HydraError =>
  new HydraError('ALLIANCE_TAG_TAKEN', `The alliance tag "${tag}" is taken; choose another.`, {
    metadata: { tag },
  })

/** The role is a member already, and nobody is in two alliances. */
export const alreadyInAlliance = (rid: string): HydraError =>
  new HydraError('ALREADY_IN_ALLIANCE', `Role ${rid} is a member of an alliance; it must leave that first.`, {
    metadata: { rid },
  })

/** A change that no rule should ask for: storing it would break what readers rely on. */
export const wrongChange = (allianceId: string, what: string): HydraError =>
  new HydraError('INTERNAL', `A change of alliance ${allianceId} ${what}; nothing was changed.`, {
    metadata: { allianceId },
  })
