import type { ChatHandler } from '../chat.ts'
import { syncSilence, writeSilence } from '../presence/silences.ts'

/** Stored first: a role that enters from then on has it; of one that is online it is noted with its presence. */
export const silence: ChatHandler<'chat.moderation.silence'> =
  (chat) =>
  async ({ from }, { rid, untilMs, reason }) => {
    await writeSilence(chat.objects, rid, { untilMs, ...(reason === undefined ? {} : { reason }) })
    await syncSilence(chat, rid)
    chat.log.info({ rid, untilMs, reason, from }, 'a role was silenced')
    return {}
  }
