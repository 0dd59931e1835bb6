import type { RoleJournal, SessionStore } from '@hydra/persistence'
import { HydraError } from '@hydra/protocol'
import type { Leave } from '../actor/role-session.ts'
import type { LoadedRole } from '../actor/role-writer.ts'
import type { ChatLink } from './chat-link.ts'

/**
 * Gives up the ownership of a role whose state the database has, and removes its keys from the journal. May be
 * repeated.
 *
 * @throws HydraError `ROLE_ELSEWHERE` when another server owns the role by now, `STORAGE_UNAVAILABLE` when it should
 * be tried again.
 */
export async function releaseRole(journal: RoleJournal, { state, epoch }: LoadedRole): Promise<void> {
  const { rid, version } = state
  if (await journal.release(rid, epoch)) return
  const unsaved = await journal.read(rid)
  if (unsaved === undefined || unsaved.epoch > epoch) {
    throw new HydraError('ROLE_ELSEWHERE', 'Another game server owns the role by now.', { metadata: { rid } })
  }
  // The entry is one that the database has: removing it after the save must have failed.
  await journal.settle([{ rid, epoch, version }])
  if (await journal.release(rid, epoch)) return
  throw new HydraError('STORAGE_UNAVAILABLE', 'The journal still has an entry of a role that was saved.', {
    metadata: { rid },
  })
}

/** What is needed to clean up behind a role. */
export interface EndSessionDeps {
  readonly sessions: Pick<SessionStore, 'release'>
  readonly chat: Pick<ChatLink, 'left'>
}

/**
 * Removes what else a role leaves behind: the account's session record, unless a newer session has replaced it, and
 * its presence in chat. A session that goes on keeps what it needs. May be repeated.
 *
 * @throws HydraError `STORAGE_UNAVAILABLE`.
 */
export async function endSession(
  { sessions, chat }: EndSessionDeps,
  rid: string,
  uid: string,
  { kind, session }: Leave,
): Promise<void> {
  if (kind === 'ended') await sessions.release(uid, session.sessionId)
  if (kind !== 'moved') await chat.left(rid, uid, session)
}
