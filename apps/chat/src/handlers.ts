import type { ServiceHandlers } from '@hydra/rpc'
import { allianceHandlers } from './alliance/alliance-handlers.ts'
import { del } from './channel/delete.handler.ts'
import { history } from './channel/history.handler.ts'
import { join } from './channel/join.handler.ts'
import { list } from './channel/list.handler.ts'
import { post } from './channel/post.handler.ts'
import { read } from './channel/read.handler.ts'
import { send } from './channel/send.handler.ts'
import type { Chat } from './chat.ts'
import { deleteMessageOf } from './moderation/delete-message.handler.ts'
import { silence } from './moderation/silence.handler.ts'
import { add as addMute } from './mute/add.handler.ts'
import { list as listMutes } from './mute/list.handler.ts'
import { remove as removeMute } from './mute/remove.handler.ts'
import { enter } from './presence/enter.handler.ts'
import { get as getPresence } from './presence/get.handler.ts'
import { leave } from './presence/leave.handler.ts'
import { unwatch } from './presence/unwatch.handler.ts'
import { update as updatePresence } from './presence/update.handler.ts'
import { watch } from './presence/watch.handler.ts'
import { announce } from './system/announce.handler.ts'
import { update as updateTeam } from './team/update.handler.ts'

/** Everything that the chat service answers: a route without its handler here does not compile. */
export const createHandlers = (chat: Chat): ServiceHandlers<'chat'> => ({
  'chat.channel.send': send(chat),
  'chat.channel.history': history(chat),
  'chat.channel.join': join(chat),
  'chat.channel.list': list(chat),
  'chat.channel.read': read(chat),
  'chat.channel.delete': del(chat),
  'chat.channel.post': post(chat),
  'chat.mute.add': addMute(chat),
  'chat.mute.remove': removeMute(chat),
  'chat.mute.list': listMutes(chat),
  'chat.presence.get': getPresence(chat),
  'chat.presence.watch': watch(chat),
  'chat.presence.unwatch': unwatch(chat),
  'chat.presence.enter': enter(chat),
  'chat.presence.update': updatePresence(chat),
  'chat.presence.leave': leave(chat),
  'chat.moderation.silence': silence(chat),
  'chat.moderation.deleteMessage': deleteMessageOf(chat),
  'chat.system.announce': announce(chat),
  'chat.team.update': updateTeam(chat),
  ...allianceHandlers(chat),
})
