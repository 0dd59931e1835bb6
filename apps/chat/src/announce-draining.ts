import type { Announcement } from '@hydra/rpc'
import type { Clock, Logger, Timer } from '@hydra/runtime'

/** What announcing needs. */
export interface AnnounceDrainingOptions {
  readonly clock: Clock
  readonly log: Logger
  readonly timeoutMs: number
}

/** Has the others send nothing new here. The registry being away must not hold up the stop. */
export async function announceDraining(
  announcement: Announcement,
  { clock, log, timeoutMs }: AnnounceDrainingOptions,
): Promise<void> {
  const announced = announcement.update({ state: 'draining' }).catch((err: unknown) => {
    log.warn({ err }, 'the registry was not told that this server is draining')
  })
  let timer: Timer | undefined
  const late = new Promise<void>((resolve) => {
    timer = clock.after(timeoutMs, resolve)
  })
  await Promise.race([announced, late])
  timer?.cancel()
}
