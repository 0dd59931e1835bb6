import type { Row } from './panel.ts'
import { backends } from './rows/backends.ts'
import { chat } from './rows/chat.ts'
import { game } from './rows/game.ts'
import { gate } from './rows/gate.ts'
import { overview } from './rows/overview.ts'
import { players } from './rows/players.ts'
import { processRow } from './rows/process.ts'
import { requests } from './rows/requests.ts'
import { roleQueue } from './rows/role-queue.ts'
import { rpc } from './rows/rpc.ts'

/** The dashboard from top to bottom. */
export const rows: readonly Row[] = [
  overview,
  players,
  requests,
  gate,
  rpc,
  game,
  roleQueue,
  chat,
  backends,
  processRow,
]
