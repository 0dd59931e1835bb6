import type { ServiceHandlers } from '@hydra/rpc'
import type { Game } from './game.ts'
import { create } from './role/create.handler.ts'
import { enter } from './role/enter.handler.ts'
import { get } from './role/get.handler.ts'
import { leave } from './role/leave.handler.ts'
import { list } from './role/list.handler.ts'
import { ping } from './role/ping.handler.ts'
import { rename } from './role/rename.handler.ts'
import { get as getSettings } from './settings/get.handler.ts'
import { set as setSettings } from './settings/set.handler.ts'
import { get as getWallet } from './wallet/get.handler.ts'
import { hold } from './wallet/hold.handler.ts'
import { release } from './wallet/release.handler.ts'
import { settle } from './wallet/settle.handler.ts'

/** Everything that the game service answers: a route without its handler here does not compile. */
export const createHandlers = (game: Game): ServiceHandlers<'game'> => ({
  'game.role.list': list(game),
  'game.role.create': create(game),
  'game.role.enter': enter(game),
  'game.role.rename': rename(game),
  'game.role.get': get(game),
  'game.role.ping': ping(game),
  'game.role.leave': leave(game),
  'game.settings.get': getSettings(game),
  'game.settings.set': setSettings(game),
  'game.wallet.get': getWallet(game),
  'game.wallet.hold': hold(game),
  'game.wallet.settle': settle(game),
  'game.wallet.release': release(game),
})
