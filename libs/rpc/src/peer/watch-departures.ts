import type { Clock, Timer } from '@hydra/runtime'
import type { Registry } from '../registry/registry.ts'

/** Answers, and the end of a record, come by different ways: those of a server that ends in good order get so much longer. */
const lastAnswersMs = 250

/** What watching needs. */
export interface WatchDeparturesOptions {
  readonly registry: Pick<Registry, 'watch'>
  readonly clock: Clock
  /** Nothing more will come from this server. */
  readonly onGone: (id: string) => void
}

/**
 * Tells of servers that have left: at once of those that have died, and of those that were draining when their last
 * answers must have come. Returns how to stop that.
 */
export function watchDepartures({ registry, clock, onGone }: WatchDeparturesOptions): () => void {
  const leaving = new Set<Timer>()
  let isOver = false
  const unwatch = registry.watch(({ kind, server: { id, state } }) => {
    if (kind !== 'left') return
    if (state !== 'draining') return onGone(id)
    const timer = clock.after(lastAnswersMs, () => {
      leaving.delete(timer)
      // Of a process that was held up, timers run first; what has come meanwhile is read before this.
      setImmediate(() => {
        if (!isOver) onGone(id)
      })
    })
    leaving.add(timer)
  })
  return () => {
    isOver = true
    unwatch()
    for (const timer of leaving) timer.cancel()
    leaving.clear()
  }
}
