import type { Clock } from '@hydra/runtime'
import { decodeSnapshot, encodeSnapshot } from '../encode-snapshot.ts'
import { isNewer, type RoleSnapshot } from '../role-snapshot.ts'
import { createEpochs } from './memory-epochs.ts'
import type { RoleJournal } from './role-journal.ts'

interface Entry {
  owner: string | undefined
  /** Of the ownership; a snapshot may still carry the previous owner's. */
  epoch: number
  /** Of the latest snapshot, kept when that has been settled. */
  snapshotEpoch: number
  version: number
  /** As JSON, as in Redis: nobody shares objects with the store. */
  unsaved: string | undefined
}

/** A journal in the memory of this process: it dies with it, so it suits a process that has every service in it. */
export function createMemoryRoleJournal(deps: { readonly clock: Clock }): RoleJournal {
  const entries = new Map<string, Entry>()
  const nextEpoch = createEpochs(deps.clock)
  /** The first epoch that this store gave out: roles of earlier ones are from before a loss of the store. */
  let firstEpoch = Number.POSITIVE_INFINITY
  /** The server that saves what others left behind. */
  let recovering: string | undefined

  const page = (matches: (entry: [string, Entry]) => boolean, limit: number, afterRid: string) =>
    [...entries]
      .filter((entry) => entry[0] > afterRid && matches(entry))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .slice(0, limit)

  /** Answers whether the snapshot was refused as old. */
  const append = (snapshot: RoleSnapshot): boolean => {
    const { rid, epoch, version } = snapshot
    const entry = entries.get(rid)
    const unsaved = encodeSnapshot(snapshot)
    // A role that is not here although this store gave out its epoch has been released since.
    if (entry === undefined && epoch >= firstEpoch) return true
    if (entry === undefined || entry.epoch < epoch) {
      entries.set(rid, { owner: undefined, epoch, snapshotEpoch: epoch, version, unsaved })
      return false
    }
    if (entry.epoch > epoch) return true
    const noted = { epoch: entry.snapshotEpoch, version: entry.version }
    if (isNewer(noted, snapshot)) return true
    if (isNewer(snapshot, noted)) Object.assign(entry, { snapshotEpoch: epoch, version, unsaved })
    return false
  }

  return {
    async acquire(rid, owner, { replaces, above = -1 } = {}) {
      const entry = entries.get(rid)
      const snapshot = entry?.unsaved === undefined ? undefined : decodeSnapshot(entry.unsaved)
      const former = entry?.owner
      if (former !== undefined && former !== owner && former !== replaces)
        return { owned: false, owner: former }
      const epoch = nextEpoch(Math.max(entry?.epoch ?? 0, above) + 1)
      firstEpoch = Math.min(firstEpoch, epoch)
      const before = entry ?? { snapshotEpoch: 0, version: 0, unsaved: undefined }
      entries.set(rid, { ...before, owner, epoch })
      return { owned: true, epoch, snapshot }
    },
    async append(snapshots) {
      return { fenced: snapshots.filter(append).map(({ rid }) => rid) }
    },
    async read(rid) {
      const unsaved = entries.get(rid)?.unsaved
      return unsaved === undefined ? undefined : decodeSnapshot(unsaved)
    },
    async settle(saved) {
      for (const { rid, epoch, version } of saved) {
        const entry = entries.get(rid)
        if (entry === undefined) continue
        if (isNewer({ epoch: entry.snapshotEpoch, version: entry.version }, { epoch, version })) continue
        entry.unsaved = undefined
        if (entry.owner === undefined) entries.delete(rid)
      }
    },
    async release(rid, epoch) {
      const entry = entries.get(rid)
      if (entry === undefined) return true
      if (entry.epoch !== epoch || entry.unsaved !== undefined) return false
      return entries.delete(rid)
    },
    async unsaved(limit, afterRid = '') {
      return page(([, { unsaved }]) => unsaved !== undefined, limit, afterRid).map(([rid, { owner }]) => ({
        rid,
        owner,
      }))
    },
    async ownersOf(rids) {
      return rids.map((rid) => {
        const { owner, epoch = 0 } = entries.get(rid) ?? {}
        return owner === undefined ? undefined : { owner, epoch }
      })
    },
    async owners() {
      const owners = [...entries.values()].flatMap(({ owner }) => (owner === undefined ? [] : [owner]))
      return [...new Set(owners)]
    },
    async ownedBy(asked, limit, afterRid = '') {
      return page(([, { owner }]) => owner === asked, limit, afterRid).map(([rid, { epoch }]) => ({
        rid,
        epoch,
      }))
    },
    async claimRecovery(owner, { replaces } = {}) {
      if (recovering === undefined || recovering === replaces) recovering = owner
      return recovering
    },
    async leaveRecovery(owner) {
      if (recovering === owner) recovering = undefined
    },
  }
}
