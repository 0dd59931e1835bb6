import { HydraError } from '@hydra/protocol'
import { activeSpan, sharedSpan, withSpan, type Span } from '@hydra/runtime'
import { isNewer, type RoleSnapshot } from '../role-snapshot.ts'

/** Where a batch of changes goes. */
export type TraceStage = 'journal' | 'database'

/** Sampled changes that are followed to the database at one time; others end with their acknowledgement. */
const rolesMax = 1_000
/** Of one role; those that come later are written by the same batch as these. */
const changesPerRoleMax = 4
/** Batches of which a change tells: those that fail are repeated, and an outage is long. */
const triesMax = 3
/** Changes of one batch that get a span for it; the first of them tells how many did not. */
const spansPerBatchMax = 32

interface Change {
  readonly epoch: number
  readonly version: number
  /** From the push to its acknowledgement. */
  readonly span: Span
  /** The batch that took it to the journal is the only one of those that it is told of. */
  journalled: boolean
  tries: number
}

/**
 * Follows sampled changes on their way into the stores. A batch has the changes of many roles in it, of different
 * traces: each of its sampled ones gets a span for the batch in its own trace, with what the batch asks of the store, and
 * linked to that of the first one, so that those of one batch are found.
 */
export class ChangeTraces {
  readonly #changes = new Map<string, Change[]>()

  /** Sampled changes that are followed. */
  get roles(): number {
    return this.#changes.size
  }

  /** Follows a change that is being pushed, if somebody's trace is sampled; answers what the push answers. */
  pushed({ rid, epoch, version }: RoleSnapshot, push: () => Promise<void>): Promise<void> {
    const asked = activeSpan()
    if (asked?.recording !== true) return push()
    const span = asked.start('role queue push')
    const known = this.#changes.get(rid) ?? []
    const isFollowed = known.length < changesPerRoleMax && (known.length > 0 || this.#changes.size < rolesMax)
    if (isFollowed) this.#changes.set(rid, [...known, { epoch, version, span, journalled: false, tries: 0 }])
    else span.set({ 'hydra.flush.followed': false })
    const done = push()
    done.then(
      () => span.end(),
      (error: unknown) => {
        span.end(HydraError.from(error).code)
        this.#forget(rid, (change) => change.span !== span)
      },
    )
    return done
  }

  /**
   * Writes a batch in the traces of those of its changes that are sampled. Nothing is followed any further once the
   * database has answered, whether it has taken a snapshot or not.
   */
  async write<T>(stage: TraceStage, batch: readonly RoleSnapshot[], write: () => Promise<T>): Promise<T> {
    const written = this.#changes.size === 0 ? [] : this.#of(stage, batch)
    const [first, ...others] = written.slice(0, spansPerBatchMax)
    if (first === undefined) return withSpan(undefined, write)
    const name = stage === 'journal' ? 'role queue journal' : 'role queue flush'
    const options = { attributes: { 'hydra.batch.roles': batch.length } }
    const one = first.span.start(name, options)
    if (written.length > spansPerBatchMax)
      one.set({ 'hydra.batch.untold': written.length - spansPerBatchMax })
    const linked = { ...options, links: [one] }
    const span = sharedSpan(
      one,
      others.map((change) => change.span.start(name, linked)),
    )
    try {
      const outcome = await withSpan(span, write)
      span.end()
      if (stage === 'database') for (const snapshot of batch) this.#forgetUpTo(snapshot)
      else for (const change of written) change.journalled = true
      return outcome
    } catch (error) {
      span.end(HydraError.from(error).code)
      for (const change of written) change.tries++
      for (const { rid } of batch) this.#forget(rid, ({ tries }) => tries < triesMax)
      throw error
    }
  }

  /** What is held of a role, up to an epoch, will be written by nobody any more. */
  dropped(rid: string, epoch: number): void {
    this.#forget(rid, (change) => change.epoch > epoch)
  }

  /** Those that a batch contains: a snapshot has all changes of its role before it. */
  #of(stage: TraceStage, batch: readonly RoleSnapshot[]): readonly Change[] {
    return batch.flatMap((snapshot) => {
      const changes = this.#changes.get(snapshot.rid) ?? []
      return changes.filter(
        (change) => !(stage === 'journal' && change.journalled) && !isNewer(change, snapshot),
      )
    })
  }

  #forgetUpTo(snapshot: RoleSnapshot): void {
    this.#forget(snapshot.rid, (change) => isNewer(change, snapshot))
  }

  #forget(rid: string, stays: (change: Change) => boolean): void {
    const left = this.#changes.get(rid)?.filter(stays) ?? []
    if (left.length > 0) this.#changes.set(rid, left)
    else this.#changes.delete(rid)
  }
}
