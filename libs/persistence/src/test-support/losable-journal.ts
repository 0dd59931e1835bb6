import type { RoleJournal } from '../stores/role-journal.ts'

/** A journal that can lose everything, as one in the memory of a process does that starts anew. */
export function losableJournal(open: () => RoleJournal): {
  readonly journal: RoleJournal
  readonly lose: () => void
} {
  let current = open()
  return {
    journal: new Proxy(current, { get: (_, method) => Reflect.get(current, method) as unknown }),
    lose() {
      current = open()
    },
  }
}
