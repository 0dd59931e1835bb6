import type { GameClient } from '@hydra/client'
import { pushes, routes } from '@hydra/protocol'

/** How long a role may take to leave: the grace, and then some. */
const leaveTimeoutMs = 20_000

/**
 * Resolves when another player sees that a role has gone offline, which is what happens last when a role leaves: after
 * the database has confirmed it. For who cannot look into the database. Answers a line that says so.
 *
 * @throws Error when the role is still online after 20 s.
 */
export async function roleGone(watcher: GameClient, rid: string): Promise<string> {
  let stop = () => {}
  let timer: NodeJS.Timeout | undefined
  const gone = new Promise<void>((resolve, reject) => {
    stop = watcher.on(pushes.chat.presence.changed, (role) => {
      if (role.rid === rid && !role.online) resolve()
    })
    timer = setTimeout(() => reject(new Error(`Role ${rid} is still online after 20 s.`)), leaveTimeoutMs)
  })
  try {
    const { roles } = await watcher.request(routes.chat.presence.watch, { rids: [rid] })
    if (roles[0]?.online !== false) await gone
    return 'the grace is over; the other player sees the role offline, which comes after its last save'
  } finally {
    clearTimeout(timer)
    stop()
  }
}
