import type {
  AllianceChange,
  AllianceChanged,
  AllianceChangeMark,
  AllianceRoster,
  AllianceState,
} from '@hydra/persistence'
import { HydraError, type ErrorCode } from '@hydra/protocol'
import { sharedChannel } from '../channel/channel.ts'
import type { Chat } from '../chat.ts'
import { syncMembership } from '../presence/sync-membership.ts'
import { tellChange } from './tell-change.ts'

/** A change that somebody asks for. */
export interface AllianceChangeRequest {
  readonly allianceId: string
  /** Roles that the decision is about, at most ten. */
  readonly rids: readonly string[]
  /** Roles that may go besides them. */
  readonly others?: readonly string[]
  /** As of `Alliances.change`. */
  readonly decide: (state: AllianceState) => AllianceChange | undefined
}

/** What was decided, and what has become of it. */
export interface MadeChange {
  readonly decided: AllianceChange
  readonly changed: AllianceChanged
}

/**
 * Changes an alliance: once this answers, whoever came or went receives its channel or does not, on every gate, and all
 * are told. Answers `undefined` when nothing was to be changed.
 *
 * Needs the database, where the truth is, and the store of the views, which must not show what was before; without
 * either one nothing is changed.
 *
 * @throws HydraError what `decide` throws, `ALLIANCE_NOT_FOUND`, `STORAGE_UNAVAILABLE`: it may have been changed then.
 */
export function changeAlliance(
  chat: Chat,
  { allianceId, rids, others = [], decide }: AllianceChangeRequest,
): Promise<AllianceChanged | undefined> {
  const about = [...new Set(rids)]
  return underMark(chat, { allianceId, rids: [...new Set([...rids, ...others])] }, async () => {
    const last: { decided?: AllianceChange | undefined } = {}
    const changed = await chat.alliances.change(allianceId, about, (state) => {
      last.decided = decide(state)
      return last.decided
    })
    return changed === undefined ? undefined : { decided: last.decided ?? {}, changed }
  })
}

/**
 * Makes a change between a mark that it is under way and the end of that mark. Whoever dies in between, or does not hear
 * what has become of the change, leaves the mark behind, and {@link AllianceWatch} does the rest when it has expired.
 */
export async function underMark(
  chat: Chat,
  about: Pick<AllianceChangeMark, 'allianceId' | 'rids'>,
  make: () => Promise<MadeChange | undefined>,
): Promise<AllianceChanged | undefined> {
  const { allianceViews, clock, ids, log, config } = chat
  const mark = { ...about, token: ids.next() }
  await allianceViews.begin(mark, clock.nowMs() + config.alliance.changeTimeoutMs)
  let made: MadeChange | undefined
  try {
    made = await make()
  } catch (error) {
    if (isRefusal(error)) await finishOrLeave(chat, mark, () => allianceViews.finish(mark))
    throw error
  }
  if (made === undefined) {
    await finishOrLeave(chat, mark, () => allianceViews.finish(mark))
    return undefined
  }
  const { decided, changed } = made
  const moved = [...(decided.join ?? []).map(({ rid }) => rid), ...changed.left]
  const roster = decided.disband === true ? undefined : changed
  await finishOrLeave(chat, mark, () => settle(chat, mark, moved, roster))
  log.debug({ allianceId: mark.allianceId, kind: decided.log?.kind, moved }, 'an alliance has changed')
  tellChange(chat, made)
  return changed
}

/**
 * Brings everything that follows from the database in line with it, and ends the mark. May be repeated.
 *
 * @param roster what the database has; `undefined`: the alliance is no more, and neither is what was said in it
 * @throws HydraError when some of it could not be done: the mark is still there then.
 */
export async function settle(
  chat: Chat,
  mark: AllianceChangeMark,
  moved: readonly string[],
  roster: AllianceRoster | undefined,
): Promise<void> {
  const { allianceViews, chatLog, chatArchive } = chat
  const { allianceId } = mark
  // Whoever noted that a role is out may have died before its gate heard of it.
  const steps: Promise<unknown>[] = moved.map((rid) => syncMembership(chat, rid, { left: allianceId }))
  if (roster === undefined) {
    const { key } = sharedChannel('alliance', allianceId)
    steps.push(chatLog.forget(key), chatArchive.forget(key))
  }
  // All of them are tried: one gate that does not answer should not keep members of others waiting.
  const failed = (await Promise.allSettled(steps)).find((step) => step.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  if (roster === undefined) {
    await allianceViews.finish(mark)
    await allianceViews.drop(allianceId)
  } else {
    await allianceViews.finish(mark, { alliance: roster.alliance, members: roster.members })
  }
}

/** What was decided stands: a caller who were told of a failure here would ask again for what has been done. */
async function finishOrLeave(chat: Chat, mark: AllianceChangeMark, step: () => Promise<void>): Promise<void> {
  try {
    await step()
  } catch (err) {
    const { allianceId, rids } = mark
    chat.log.warn({ allianceId, rids, err }, 'what follows from a change of an alliance is left to the watch')
  }
}

/** Failures after which nobody knows whether the database has made a change. */
const unknownOutcomes: ReadonlySet<ErrorCode> = new Set(['STORAGE_UNAVAILABLE', 'TIMEOUT', 'INTERNAL'])

/** Whether an error says that nothing was changed. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof HydraError && !unknownOutcomes.has(error.code)
