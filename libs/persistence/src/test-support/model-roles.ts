import type { RoleSnapshot } from '../role-snapshot.ts'

/** A role of the model: its content is the list of updates that it has been through, by their unique numbers. */
export const modelSnapshot = (
  rid: string,
  epoch: number,
  version: number,
  updates: readonly number[],
): RoleSnapshot => ({ rid, uid: 'u-1', name: rid, level: 1, epoch, version, schema: 1, data: { updates } })

/** The updates that a snapshot has in it. */
export const updatesOf = (snapshot: Pick<RoleSnapshot, 'data'> | undefined): readonly number[] =>
  (snapshot?.data['updates'] ?? []) as readonly number[]
