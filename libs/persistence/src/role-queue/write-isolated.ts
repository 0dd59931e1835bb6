import { HydraError } from '@hydra/protocol'
import type { RoleSnapshot } from '../role-snapshot.ts'
import { isUnavailable } from '../unavailable.ts'

/** What became of each snapshot of a batch. */
export interface Outcome {
  readonly stored: readonly RoleSnapshot[]
  /** The store has newer ones. */
  readonly fenced: readonly RoleSnapshot[]
  /** The store does not take their content. */
  readonly refused: readonly { readonly snapshot: RoleSnapshot; readonly error: HydraError }[]
}

/** Writes a batch and answers the ids that were fenced off. */
export type WriteBatch = (batch: readonly RoleSnapshot[]) => Promise<{ readonly fenced: readonly string[] }>

/**
 * Writes a batch; when the store refuses it for its content, halves it until the rows that are refused stand alone,
 * so that they do not hold up the others. Repeating a write is harmless, hence no transaction around it.
 *
 * @throws HydraError `STORAGE_UNAVAILABLE`, after which nothing is known about any row of the batch.
 */
export async function writeIsolated(batch: readonly RoleSnapshot[], write: WriteBatch): Promise<Outcome> {
  try {
    const fencedIds = new Set((await write(batch)).fenced)
    return {
      stored: batch.filter(({ rid }) => !fencedIds.has(rid)),
      fenced: batch.filter(({ rid }) => fencedIds.has(rid)),
      refused: [],
    }
  } catch (error) {
    if (isUnavailable(error)) throw error
    const [snapshot] = batch
    if (snapshot === undefined) return { stored: [], fenced: [], refused: [] }
    if (batch.length === 1)
      return { stored: [], fenced: [], refused: [{ snapshot, error: HydraError.from(error) }] }
    const middle = batch.length >> 1
    const left = await writeIsolated(batch.slice(0, middle), write)
    const right = await writeIsolated(batch.slice(middle), write)
    return {
      stored: [...left.stored, ...right.stored],
      fenced: [...left.fenced, ...right.fenced],
      refused: [...left.refused, ...right.refused],
    }
  }
}
