import type { GameHandler } from '../game.ts'
import { walletOf } from './wallet.ts'

export const get: GameHandler<'game.wallet.get'> =
  ({ actors }) =>
  (context) =>
    actors.run(context, context.session.rid, (role) => walletOf(role.state))
