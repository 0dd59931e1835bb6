import type { ServiceHandlers } from '@hydra/rpc'
import type { Game } from '../game.ts'
import { accept } from './accept.handler.ts'
import { apply } from './apply.handler.ts'
import { approve } from './approve.handler.ts'
import { cancel } from './cancel.handler.ts'
import { create } from './create.handler.ts'
import { decline } from './decline.handler.ts'
import { disband } from './disband.handler.ts'
import { get } from './get.handler.ts'
import { handOver } from './hand-over.handler.ts'
import { invite } from './invite.handler.ts'
import { kick } from './kick.handler.ts'
import { leave } from './leave.handler.ts'
import { reject } from './reject.handler.ts'
import { uninvite } from './uninvite.handler.ts'

type TeamRoute = Extract<keyof ServiceHandlers<'game'>, `game.team.${string}`>

/** What is answered about teams. */
export const teamHandlers = (game: Game): Pick<ServiceHandlers<'game'>, TeamRoute> => ({
  'game.team.create': create(game),
  'game.team.get': get(game),
  'game.team.invite': invite(game),
  'game.team.uninvite': uninvite(game),
  'game.team.accept': accept(game),
  'game.team.decline': decline(game),
  'game.team.apply': apply(game),
  'game.team.cancel': cancel(game),
  'game.team.approve': approve(game),
  'game.team.reject': reject(game),
  'game.team.leave': leave(game),
  'game.team.kick': kick(game),
  'game.team.handOver': handOver(game),
  'game.team.disband': disband(game),
})
