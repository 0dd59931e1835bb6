import { idText } from '../repositories/check-storage-objects.ts'
import type { PutCondition, StorageChange, StorageObjectId } from '../repositories/storage-objects.ts'

/** An object of the model; its value as JSON text. */
export interface ModelObject extends StorageObjectId {
  readonly version: number
  readonly text: string
}

/** What a write answers: the versions, or the code of the error. */
export type ModelAnswer = readonly number[] | 'VERSION_CONFLICT' | 'STORAGE_LIMIT_REACHED'

/** Storage objects as their interface describes them, in the simplest way that can be written. */
export class ModelObjects {
  readonly #objectsPerRoleMax: number
  #objects: readonly ModelObject[] = []
  /** The largest version of the objects of each role that were deleted. */
  readonly #deleted = new Map<string, number>()
  /** Every id at every version that it has had. */
  readonly #stored = new Set<string>()

  constructor(objectsPerRoleMax: number) {
    this.#objectsPerRoleMax = objectsPerRoleMax
  }

  get(id: StorageObjectId): ModelObject | undefined {
    return this.#objects.find((object) => idText(object) === idText(id))
  }

  list(rid: string, collection: string, after: string): readonly ModelObject[] {
    return this.#objects
      .filter((object) => object.rid === rid && object.collection === collection && object.key > after)
      .toSorted((a, b) => (a.key < b.key ? -1 : 1))
  }

  write(changes: readonly StorageChange[]): ModelAnswer {
    const holds = changes.every((change) => {
      const condition = change.kind === 'put' ? change.condition : (change.ifVersion ?? 'any')
      return isMet(condition, this.get(change)?.version)
    })
    if (!holds) return 'VERSION_CONFLICT'
    const before = this.#objects
    const deleted = new Map(this.#deleted)
    const answer = changes.map((change) => this.#change(change, deleted))
    const count = (objects: readonly ModelObject[], rid: string) =>
      objects.filter((object) => object.rid === rid).length
    const tooMany = changes.some(({ rid }) => {
      const objects = count(this.#objects, rid)
      return objects > this.#objectsPerRoleMax && objects > count(before, rid)
    })
    if (tooMany) {
      this.#objects = before
      return 'STORAGE_LIMIT_REACHED'
    }
    for (const [rid, version] of deleted) this.#deleted.set(rid, version)
    for (const { kind, ...id } of changes) if (kind === 'put') this.#note(id)
    return answer
  }

  #change(change: StorageChange, deleted: Map<string, number>): number {
    const found = this.get(change)
    const { rid, collection, key } = change
    const last = deleted.get(rid) ?? 0
    this.#objects = this.#objects.filter((object) => object !== found)
    if (change.kind === 'delete') {
      deleted.set(rid, Math.max(last, found?.version ?? 0))
      return 0
    }
    const version = (found?.version ?? last) + 1
    const text = JSON.stringify(change.value)
    this.#objects = [...this.#objects, { rid, collection, key, version, text }]
    return version
  }

  /** A version that comes back under the same id would let a writer change what it has never read. */
  #note(id: StorageObjectId): void {
    const object = this.get(id)
    if (object === undefined) return
    const point = `${idText(id)}@${object.version}`
    if (this.#stored.has(point)) throw new Error(`Version ${point} came back.`)
    this.#stored.add(point)
  }
}

const isMet = (condition: PutCondition, version: number | undefined): boolean =>
  condition === 'any' || (condition === 'absent' ? version === undefined : version === condition)
