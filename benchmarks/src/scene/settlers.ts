import { routes, type SceneInfo, type ScenePoint } from '@hydra/protocol'
import mysql from 'mysql2/promise'
import type { PreparedConnection } from '../load/closed-loop.ts'
import { ask, shakeHands } from '../load/player.ts'
import { openPlayers } from '../load/players.ts'
import { plainId } from './plain.ts'

/** Who stands in the scene now. */
export interface Settler {
  readonly rid: string
  readonly name: string
  readonly info: SceneInfo
}

/** Makes players that begin where they are told, instead of all in one place: their row says that they were there. */
export async function openSettlers(mysqlUrl: string) {
  const players = await openPlayers(mysqlUrl)
  const database = await mysql.createConnection(mysqlUrl)
  const place = async (rid: string, [x, y]: ScenePoint) => {
    await database.execute(
      `update roles set data = json_set(data, '$.place', json_object('scene', ?, 'x', ?, 'y', ?)) where rid = ?`,
      [plainId, x, y, rid],
    )
  }
  return {
    account: players.account,
    /** Brings a connection into the scene. */
    async settle(connection: PreparedConnection, at: ScenePoint): Promise<Settler> {
      const { name, token } = await players.account()
      await shakeHands(connection)
      await ask(connection, routes.gate.session.login, { token })
      const { role } = await ask(connection, routes.game.role.create, { name })
      await place(role.rid, at)
      await ask(connection, routes.game.role.enter, { rid: role.rid })
      const info = await ask(connection, routes.game.scene.enter, {})
      return { rid: role.rid, name, info }
    },
    async close() {
      await database.end()
      await players.close()
    },
  }
}

/** What {@link openSettlers} answers. */
export type Settlers = Awaited<ReturnType<typeof openSettlers>>
