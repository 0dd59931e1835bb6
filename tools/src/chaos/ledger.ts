import type { ErrorCode, RoleSettings, RoleSettingsChange } from '@hydra/protocol'

/**
 * What must never be seen:
 * `lost`: an update that a client was told of is not there any more, or its role is older than it was.
 * `reordered`: the versions of a client's acknowledgements do not grow, or an update shows another one's content.
 * `garbled`: content that is not of this player, not of one update, or that nobody has sent.
 * `ghost`: an update that was refused as not begun, and is there.
 */
export const findingKinds = ['lost', 'reordered', 'garbled', 'ghost'] as const

/** One thing that must never be seen, seen. */
export interface Finding {
  readonly kind: (typeof findingKinds)[number]
  readonly player: string
  readonly what: string
}

/** A role as an answer or a row shows it. */
export interface Shown {
  readonly version: number
  readonly settings: RoleSettings
}

/** Codes that say that a request was not begun; after any other failure it may or may not have taken effect. */
const notBegun: ReadonlySet<ErrorCode> = new Set([
  'NO_SERVER',
  'RATE_LIMITED',
  'SERVER_BUSY',
  'SHUTTING_DOWN',
])

/**
 * The checker's book of one client, which is the only one that changes its role: update number n is sent after n - 1
 * has been answered or has failed. What was shown once, to an update or to a reader, may never be taken back. After a
 * finding the book goes on from what was shown, so that one loss is not found again with each later look.
 */
export class Ledger {
  readonly findings: Finding[] = []
  readonly #player: string
  #sent = 0
  #acknowledged = 0
  /** What the last answer has shown. */
  readonly #shown = { n: 0, version: 0 }
  /** Refused numbers above the last one shown: as many as fail in a row. */
  readonly #refused = new Set<number>()

  constructor(player: string) {
    this.#player = player
  }

  /** Updates acknowledged. */
  get acknowledged(): number {
    return this.#acknowledged
  }

  /** The number of the next update. */
  next(): number {
    return ++this.#sent
  }

  /** What update `n` sets: three values that can only come from it, and only together. */
  changesOf(n: number): RoleSettingsChange {
    return { n, player: this.#player, mark: `${this.#player}:${n}` }
  }

  /** The server has answered update `n`. */
  acknowledge(n: number, answer: Shown): void {
    const { settings, version } = answer
    this.#acknowledged++
    if (settings['n'] !== n) this.#note('reordered', `update ${n} was answered with number ${settings['n']}`)
    if (version <= this.#shown.version) {
      this.#note('reordered', `update ${n} has version ${version}, after ${this.#shown.version}`)
    }
    this.see(`the answer to update ${n}`, answer)
  }

  /** Update `n` has failed. */
  fail(n: number, code: ErrorCode): void {
    if (notBegun.has(code)) this.#refused.add(n)
  }

  /** Somebody shows the role: an answer, or at the end its row. */
  see(where: string, { settings, version }: Shown): void {
    this.#seeVersion(where, version)
    // A role that was never changed has no settings; then 0 is as far as it got.
    const n = Number(settings['n'] ?? 0)
    if (n < this.#shown.n) this.#note('lost', `${where} shows update ${n}, after ${this.#shown.n}`)
    const mine = n === 0 ? {} : this.changesOf(n)
    if (JSON.stringify(sorted(settings)) !== JSON.stringify(sorted(mine)) || n > this.#sent) {
      this.#note('garbled', `${where} shows ${JSON.stringify(settings)}; ${this.#sent} updates were sent`)
    }
    if (this.#refused.has(n)) this.#note('ghost', `${where} shows update ${n}, which was refused`)
    this.#shown.n = n
    for (const refused of this.#refused) if (refused <= n) this.#refused.delete(refused)
  }

  /** The role has been entered, which is a change of its own: its version must have grown. */
  enter(version: number): void {
    if (version <= this.#shown.version) {
      this.#note('lost', `entering shows version ${version}, after ${this.#shown.version}`)
    }
    this.#shown.version = version
  }

  #seeVersion(where: string, version: number): void {
    if (version < this.#shown.version) {
      this.#note('lost', `${where} shows version ${version}, after ${this.#shown.version}`)
    }
    this.#shown.version = version
  }

  /** What the database has at the end; absent when it has no such role. */
  close(row: Shown | undefined): void {
    if (row === undefined) this.#note('lost', 'the database has no such role')
    else this.see('the database', row)
  }

  #note(kind: Finding['kind'], what: string): void {
    this.findings.push({ kind, player: this.#player, what })
  }
}

const sorted = (settings: RoleSettingsChange) => Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1))
