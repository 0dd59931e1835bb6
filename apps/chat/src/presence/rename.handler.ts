import type { ChatHandler } from '../chat.ts'

/** A role that is not online has nothing to rename here: it brings its name when it enters. */
export const rename: ChatHandler<'chat.presence.rename'> =
  ({ presence }) =>
  async (_context, { rid, name }) => {
    await presence.rename(rid, name)
    return {}
  }
