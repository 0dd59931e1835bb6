import type { GameHandler } from '../game.ts'
import { summaryOf } from './role.ts'

/** The database may be some moments behind; what is in memory here is shown instead. */
export const list: GameHandler<'game.role.list'> =
  ({ actors, roles }) =>
  async ({ session }) => ({
    roles: (await roles.listByUid(session.uid)).map((stored) => summaryOf(actors.peek(stored.rid) ?? stored)),
  })
