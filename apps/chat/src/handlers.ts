import type { ServiceHandlers } from '@hydra/rpc'
import { history } from './channel/history.handler.ts'
import { join } from './channel/join.handler.ts'
import { send } from './channel/send.handler.ts'
import type { Chat } from './chat.ts'
import { enter } from './presence/enter.handler.ts'
import { leave } from './presence/leave.handler.ts'
import { rename } from './presence/rename.handler.ts'

/** Everything that the chat service answers: a route without its handler here does not compile. */
export const createHandlers = (chat: Chat): ServiceHandlers<'chat'> => ({
  'chat.channel.send': send(chat),
  'chat.channel.history': history(chat),
  'chat.channel.join': join(chat),
  'chat.presence.enter': enter(chat),
  'chat.presence.rename': rename(chat),
  'chat.presence.leave': leave(chat),
})
