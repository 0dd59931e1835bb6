import type { ChatHandler } from '../chat.ts'
import { requestView } from './views.ts'

/** From the database: both sides answer requests at any time. */
export const requests: ChatHandler<'chat.alliance.requests'> =
  ({ alliances }) =>
  async ({ session }) => ({ requests: (await alliances.requestsWith(session.rid)).map(requestView) })
