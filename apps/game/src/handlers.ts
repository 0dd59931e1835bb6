import type { ServiceHandlers } from '@hydra/rpc'
import type { Game } from './game.ts'
import { get as getBag } from './bag/get.handler.ts'
import { move as moveItem } from './bag/move.handler.ts'
import { sell as sellItem } from './bag/sell.handler.ts'
import { use as useItem } from './bag/use.handler.ts'
import { claim as claimDaily } from './daily/claim.handler.ts'
import { get as getDaily } from './daily/get.handler.ts'
import { create } from './role/create.handler.ts'
import { enter } from './role/enter.handler.ts'
import { get } from './role/get.handler.ts'
import { leave } from './role/leave.handler.ts'
import { list } from './role/list.handler.ts'
import { ping } from './role/ping.handler.ts'
import { rename } from './role/rename.handler.ts'
import { attack } from './scene/attack.handler.ts'
import { enter as enterScene } from './scene/enter.handler.ts'
import { leave as leaveScene } from './scene/leave.handler.ts'
import { move } from './scene/move.handler.ts'
import { pick } from './scene/pick.handler.ts'
import { resync } from './scene/resync.handler.ts'
import { travel } from './scene/travel.handler.ts'
import { get as getSettings } from './settings/get.handler.ts'
import { set as setSettings } from './settings/set.handler.ts'
import { teamHandlers } from './team/team-handlers.ts'
import { get as getWallet } from './wallet/get.handler.ts'
import { hold } from './wallet/hold.handler.ts'
import { ledger } from './wallet/ledger.handler.ts'
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
  'game.daily.get': getDaily(game),
  'game.daily.claim': claimDaily(game),
  'game.wallet.get': getWallet(game),
  'game.wallet.ledger': ledger(game),

  'game.bag.get': getBag(game),
  'game.bag.move': moveItem(game),
  'game.bag.use': useItem(game),
  'game.bag.sell': sellItem(game),

  'game.scene.enter': enterScene(game),
  'game.scene.leave': leaveScene(game),
  'game.scene.move': move(game),
  'game.scene.travel': travel(game),
  'game.scene.attack': attack(game),
  'game.scene.pick': pick(game),
  'game.scene.resync': resync(game),

  'game.wallet.hold': hold(game),
  'game.wallet.settle': settle(game),
  'game.wallet.release': release(game),
  ...teamHandlers(game),
})
