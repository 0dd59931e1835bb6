import type { ChatHandler } from '../chat.ts'
import { noteInAlliance } from './note-in-alliance.ts'

/** A role that is not online brings its name when it enters, but its alliance shows it all the same. */
export const update: ChatHandler<'chat.presence.update'> =
  (chat) =>
  async (_context, { rid, name, level }) => {
    const { presence, storedRole } = chat
    const uid = (await presence.update(rid, { name, level }))?.uid ?? (await storedRole(rid))?.uid
    if (uid !== undefined) await noteInAlliance(chat, { rid, uid, name, level })
    return {}
  }
