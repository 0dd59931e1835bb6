import type { JsonObject } from '../role-snapshot.ts'

/**
 * Bounds of storage objects. Characters are those of a string as JavaScript counts them.
 *
 * @example const page = z.int().min(1).max(storageObjectLimits.pageMax)
 */
export const storageObjectLimits = Object.freeze({
  ridMaxChars: 64,
  collectionMaxChars: 64,
  keyMaxChars: 128,
  /** Of one value as JSON. */
  valueMaxChars: 64 * 1024,
  /** Most objects of one page of {@link StorageObjects.list}. */
  pageMax: 100,
  /** Most objects of one {@link StorageObjects.getMany}. */
  getMax: 100,
  /** Most changes of one {@link StorageObjects.batch}. */
  batchMax: 100,
  /** Of all values of a batch together: it must fit a statement with room to spare. */
  batchMaxChars: 1024 * 1024,
  /** What a role may have when the configuration says nothing else. */
  objectsPerRoleMax: 10_000,
})

/**
 * What an object is found by. All three are made of letters, digits, `_`, `-`, `.` and `:`, and case matters. A
 * collection is named after the feature that keeps it; a key says which object of that feature.
 */
export interface StorageObjectId {
  readonly rid: string
  readonly collection: string
  readonly key: string
}

/** An object to be stored. */
export interface StorageDraft extends StorageObjectId {
  readonly value: JsonObject
}

/** An object as stored. */
export interface StorageObject extends StorageDraft {
  /**
   * Grows with each put and never comes back: not for the same object, and not for another one that is made under its
   * id after it was deleted. 1 for a new object, or more if the role has had objects deleted.
   */
  readonly version: number
  readonly updatedAtMs: number
}

/**
 * When a put may take place: `absent`, only if there is no such object; a number, only if it is at this version;
 * `any`, whatever is there, so that the last write wins.
 */
export type PutCondition = 'absent' | 'any' | number

/** One part of a {@link StorageObjects.batch}. */
export type StorageChange =
  | (StorageDraft & { readonly kind: 'put'; readonly condition: PutCondition })
  | (StorageObjectId & { readonly kind: 'delete'; readonly ifVersion?: number })

/** Objects of a collection in order of their keys. */
export interface StoragePage {
  readonly objects: readonly StorageObject[]
  /** What to give as `after` for the next page; absent on the last one. */
  readonly next?: string
}

/**
 * JSON documents of roles beside their role data, for features that need no table of their own: mails, replays,
 * drafts, trades. Whoever has read an object can store it on the condition that nobody has changed it since
 * (optimistic versioning). There are no permissions: services decide who sees what.
 *
 * Each call takes effect whole or not at all. When its answer is lost (`STORAGE_UNAVAILABLE`, or the process died) it
 * may have taken effect nevertheless, and reading tells: a version that is still the old one means that it has not, at
 * least not yet; a larger one, that this or another write has. Sending a put at a version again is safe: if the first
 * one took effect, the second is refused with `VERSION_CONFLICT`. So is a put of what must be `absent`, unless somebody
 * has deleted the object in between. A writer that must know which write it was keeps a mark of its own in the value.
 *
 * All calls throw HydraError `BAD_REQUEST` for a name, number or count that is out of its bounds, with `path` and
 * `expectation` in the metadata, and `STORAGE_UNAVAILABLE`.
 *
 * @example
 * const found = await objects.get(rid, 'settings', 'sound')
 * const version = await objects.put({ rid, collection: 'settings', key: 'sound', value }, found?.version ?? 'absent')
 */
export interface StorageObjects {
  /** @example const mail = await objects.get(rid, 'mail', mailId) */
  get(rid: string, collection: string, key: string): Promise<StorageObject | undefined>
  /**
   * Reads up to `getMax` objects, of one moment and of any roles. Answers one for each id, in the order of the ids.
   *
   * @example const [mine, theirs] = await objects.getMany([offer, demand])
   */
  getMany(ids: readonly StorageObjectId[]): Promise<readonly (StorageObject | undefined)[]>
  /**
   * A page of a collection, in order of the keys. Going on with `after: page.next` skips nothing and repeats nothing
   * that stays in the collection meanwhile, even if the object that ended the page was deleted.
   *
   * @param options.limit most objects, 1 to `pageMax`, which is the default
   * @param options.after only keys behind this one
   * @example const { objects: mails, next } = await objects.list(rid, 'mail', { limit: 20, after })
   */
  list(
    rid: string,
    collection: string,
    options?: { readonly limit?: number; readonly after?: string },
  ): Promise<StoragePage>
  /**
   * Stores an object and answers its new version.
   *
   * @throws HydraError `VERSION_CONFLICT` when the condition does not hold, with the current version (0: there is no
   *   such object) in the metadata; `PAYLOAD_TOO_LARGE` above `valueMaxChars`; `STORAGE_LIMIT_REACHED` when it would be
   *   one object too many for its role.
   * @example const version = await objects.put({ ...mail, value: { ...mail.value, read: true } }, mail.version)
   */
  put(object: StorageDraft, condition: PutCondition): Promise<number>
  /**
   * Removes an object and answers whether there was one. Without `ifVersion` it can be repeated without harm.
   *
   * @throws HydraError `VERSION_CONFLICT` as {@link put}, also when `ifVersion` is given and there is no such object.
   * @example await objects.delete(rid, 'mail', mailId)
   */
  delete(
    rid: string,
    collection: string,
    key: string,
    options?: { readonly ifVersion?: number },
  ): Promise<boolean>
  /**
   * Makes up to `batchMax` changes, all or none, to objects of one role or of several. Answers the new version of each,
   * 0 for a deleted one. No object may occur twice.
   *
   * @throws HydraError as {@link put} and {@link delete}, naming the object; `PAYLOAD_TOO_LARGE` also above
   *   `batchMaxChars`.
   * @example
   * await objects.batch([
   *   { kind: 'delete', rid: seller, collection: 'goods', key: sword.key, ifVersion: sword.version },
   *   { kind: 'put', rid: buyer, collection: 'goods', key: sword.key, value: sword.value, condition: 'absent' },
   * ])
   */
  batch(changes: readonly StorageChange[]): Promise<readonly number[]>
}
