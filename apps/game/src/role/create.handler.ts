import { limits } from '@hydra/protocol'
import type { GameHandler } from '../game.ts'
import { newRole, viewOf } from './role.ts'
import { toSnapshot } from './role-data.ts'

/** Nobody owns a role before it is entered, so this is the one write that passes the role queue by. */
export const create: GameHandler<'game.role.create'> =
  ({ roles, events, eventLog, ids, clock }) =>
  async ({ session }, { name }) => {
    const role = newRole({ rid: ids.next(), uid: session.uid, name }, clock.nowMs())
    await roles.create(toSnapshot(role, 0), { maxPerAccount: limits.rolesPerAccountMax })
    events.created(role)
    eventLog.created(role)
    return { role: viewOf(role) }
  }
