import type { SessionStore } from '@hydra/persistence'
import type { Leave } from '../actor/role-session.ts'
import type { Teams } from '../team/teams.ts'
import type { ChatLink } from './chat-link.ts'

/** What is needed to clean up behind a role. */
export interface EndSessionDeps {
  readonly sessions: Pick<SessionStore, 'release'>
  readonly chat: Pick<ChatLink, 'left'>
  readonly teams: Pick<Teams, 'left'>
}

/**
 * Removes what else a role leaves behind: the account's session record, unless a newer session has replaced it, its
 * place in a team, and its presence in chat. A session that goes on keeps what it needs. May be repeated.
 *
 * @throws HydraError `STORAGE_UNAVAILABLE`.
 */
export async function endSession(
  { sessions, chat, teams }: EndSessionDeps,
  rid: string,
  uid: string,
  { kind, session }: Leave,
): Promise<void> {
  if (kind === 'ended') await sessions.release(uid, session.sessionId)
  if (kind === 'moved') return
  await teams.left(rid)
  await chat.left(rid, uid, session)
}
