import type { ChatHandler } from '../chat.ts'

/** Whoever asks may rely on it: what is not founded by now is refused from now on. */
export const outcome: ChatHandler<'chat.alliance.outcome'> =
  ({ alliances }) =>
  async (_context, { allianceId }) => {
    const { founded } = await alliances.voidFounding(allianceId)
    return { founded }
  }
