import type { AllianceChange, AllianceState } from '@hydra/persistence'
import type { ParsedRequestOf, routes } from '@hydra/protocol'
import { actorOf, named } from './alliance.ts'

/** What of an alliance its leader writes and chooses. */
export type AllianceSettings = ParsedRequestOf<typeof routes.chat.alliance.update>

/** Settings change; those not mentioned stay. @throws HydraError `NOT_IN_ALLIANCE`, `ALLIANCE_RANK_TOO_LOW`. */
export function update(
  state: AllianceState,
  actorRid: string,
  settings: AllianceSettings,
): AllianceChange | undefined {
  const actor = actorOf(state, actorRid, 'update')
  const { alliance } = state
  const { policy = alliance.policy, minLevel = alliance.minLevel } = settings
  const { notice = alliance.notice, description = alliance.description } = settings
  const detail = {
    ...(policy === alliance.policy ? {} : { policy }),
    ...(minLevel === alliance.minLevel ? {} : { minLevel }),
    // Texts are read from the alliance: the log would keep what was taken back.
    ...(notice === alliance.notice ? {} : { notice: true }),
    ...(description === alliance.description ? {} : { description: true }),
  }
  if (Object.keys(detail).length === 0) return undefined
  return {
    set: { policy, minLevel, notice, description },
    log: { kind: 'updated', actor: named(actor), detail },
  }
}

/** The alliance has a level. Members that are too many for it stay. */
export function setLevel({ alliance }: AllianceState, level: number): AllianceChange | undefined {
  if (alliance.level === level) return undefined
  return { set: { level }, log: { kind: 'levelled', detail: { level } } }
}
