import type { ServiceHandlers } from '@hydra/rpc'
import type { Chat } from '../chat.ts'
import { accept } from './accept.handler.ts'
import { applications } from './applications.handler.ts'
import { apply } from './apply.handler.ts'
import { approve } from './approve.handler.ts'
import { cancel } from './cancel.handler.ts'
import { create } from './create.handler.ts'
import { decline } from './decline.handler.ts'
import { demote } from './demote.handler.ts'
import { disband } from './disband.handler.ts'
import { get } from './get.handler.ts'
import { handOver } from './hand-over.handler.ts'
import { invite } from './invite.handler.ts'
import { kick } from './kick.handler.ts'
import { leave } from './leave.handler.ts'
import { log } from './log.handler.ts'
import { members } from './members.handler.ts'
import { mine } from './mine.handler.ts'
import { outcome } from './outcome.handler.ts'
import { promote } from './promote.handler.ts'
import { reject } from './reject.handler.ts'
import { requests } from './requests.handler.ts'
import { search } from './search.handler.ts'
import { setLevel } from './set-level.handler.ts'
import { uninvite } from './uninvite.handler.ts'
import { update } from './update.handler.ts'

type AllianceRoutes = Extract<keyof ServiceHandlers<'chat'>, `chat.alliance.${string}`>

/** What the chat service answers about alliances: a route without its handler here does not compile. */
export const allianceHandlers = (chat: Chat): Pick<ServiceHandlers<'chat'>, AllianceRoutes> => ({
  'chat.alliance.create': create(chat),
  'chat.alliance.get': get(chat),
  'chat.alliance.mine': mine(chat),
  'chat.alliance.search': search(chat),
  'chat.alliance.members': members(chat),
  'chat.alliance.apply': apply(chat),
  'chat.alliance.cancel': cancel(chat),
  'chat.alliance.applications': applications(chat),
  'chat.alliance.approve': approve(chat),
  'chat.alliance.reject': reject(chat),
  'chat.alliance.invite': invite(chat),
  'chat.alliance.uninvite': uninvite(chat),
  'chat.alliance.requests': requests(chat),
  'chat.alliance.accept': accept(chat),
  'chat.alliance.decline': decline(chat),
  'chat.alliance.leave': leave(chat),
  'chat.alliance.kick': kick(chat),
  'chat.alliance.promote': promote(chat),
  'chat.alliance.demote': demote(chat),
  'chat.alliance.handOver': handOver(chat),
  'chat.alliance.update': update(chat),
  'chat.alliance.disband': disband(chat),
  'chat.alliance.log': log(chat),
  'chat.alliance.setLevel': setLevel(chat),
  'chat.alliance.outcome': outcome(chat),
})
