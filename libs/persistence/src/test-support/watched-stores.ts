import type { Roles } from '../repositories/roles.ts'
import type { RoleJournal } from '../stores/role-journal.ts'

/** A journal with an eye on what it grants, and on who is replaced for it. */
export const watchedJournal = (
  journal: RoleJournal,
  onGranted: (rid: string, owner: string, epoch: number, replaced: string | undefined) => void,
): RoleJournal =>
  watched(journal, 'acquire', async (rid, owner, options) => {
    const acquired = await journal.acquire(rid, owner, options)
    if (acquired.owned) onGranted(rid, owner, acquired.epoch, options?.replaces)
    return acquired
  })

/** A database with an eye on what it grants. */
export const watchedRoles = (roles: Roles, onGranted: (rid: string, epoch: number) => void): Roles =>
  watched(roles, 'takeOverSaved', async (rid, claim) => {
    const snapshot = await roles.takeOverSaved(rid, claim)
    if (snapshot !== undefined) onGranted(rid, snapshot.epoch)
    return snapshot
  })

/** An object with another method in the place of one of its own. */
const watched = <T extends object, K extends keyof T>(target: T, name: K, method: T[K]): T =>
  new Proxy(target, {
    get: (object, key) => (key === name ? method : (Reflect.get(object, key) as unknown)),
  })
