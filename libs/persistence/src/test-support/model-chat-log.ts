import {
  chatLogLimits,
  type AppendOptions,
  type AppendResult,
  type ChatDraft,
  type LogPage,
  type StoredMessage,
  type Unarchived,
} from '../stores/chat-log.ts'
import { numberDraft } from '../stores/number-draft.ts'

interface Channel {
  lastSeq: number
  archivedSeq: number | undefined
  /** Whatever was ever said, oldest first. */
  readonly all: StoredMessage[]
  readonly ids: Map<string, { readonly seq: number; readonly atMs: number }>
}

/** What a chat log is to do, in the simplest way: it drops nothing and looks at everything each time. */
export class ModelChatLog {
  readonly #channels = new Map<string, Channel>()
  readonly #messagesMax: number
  readonly #ageMaxMs: number

  constructor(bounds: { readonly messagesMax: number; readonly ageMaxMs: number }) {
    this.#messagesMax = bounds.messagesMax
    this.#ageMaxMs = bounds.ageMaxMs
  }

  append(name: string, drafts: readonly ChatDraft[], options: AppendOptions, nowMs: number): AppendResult {
    const known = this.#channels.get(name)
    if (known === undefined && options.floor === undefined && drafts.length > 0)
      return { kind: 'ceiling', lastSeq: options.knownSeq ?? 0 }
    const channel = known ?? {
      lastSeq: options.floor ?? 0,
      archivedSeq: undefined,
      all: [],
      ids: new Map(),
    }
    const before = Math.max(channel.lastSeq, options.knownSeq ?? 0)
    const ids = new Map([...channel.ids].filter(([, { atMs }]) => nowMs - atMs < chatLogLimits.repeatMs))
    const added: StoredMessage[] = []
    const messages = drafts.map((draft) => {
      const noted = draft.messageId === undefined ? undefined : ids.get(draft.messageId)
      if (noted !== undefined) {
        const kept = channel.all.find(
          ({ seq }) => seq === noted.seq && seq > channel.lastSeq - this.#messagesMax,
        )
        const first = kept ?? added.find(({ seq }) => seq === noted.seq) ?? numberDraft(draft, noted.seq)
        return Object.assign({ repeated: true }, first)
      }
      const message = numberDraft(draft, before + added.length + 1)
      added.push(message)
      if (draft.messageId !== undefined) ids.set(draft.messageId, { seq: message.seq, atMs: nowMs })
      return Object.assign({ repeated: false }, message)
    })
    if (added.length > 0) {
      const lastSeq = before + added.length
      const archivedSeq = channel.archivedSeq ?? (options.archive ? before : undefined)
      if (archivedSeq !== undefined && lastSeq - archivedSeq > this.#messagesMax) return { kind: 'full' }
      if (lastSeq > options.ceiling) return { kind: 'ceiling', lastSeq: before }
      this.#channels.set(name, { lastSeq, archivedSeq, all: [...channel.all, ...added], ids })
    }
    return { kind: 'stored', messages }
  }

  page(name: string, { beforeSeq, afterSeq, limit }: LogPage, nowMs: number): readonly StoredMessage[] {
    const found = this.#shown(name, nowMs).filter(
      ({ seq }) => (beforeSeq === undefined || seq < beforeSeq) && (afterSeq === undefined || seq > afterSeq),
    )
    return afterSeq === undefined ? found.slice(Math.max(0, found.length - limit)) : found.slice(0, limit)
  }

  lastSeq(name: string): number {
    return this.#channels.get(name)?.lastSeq ?? 0
  }

  delete(name: string, seq: number, nowMs: number): boolean {
    const all = this.#channels.get(name)?.all
    const place = all?.findIndex((message) => message.seq === seq) ?? -1
    const message = all?.[place]
    if (all === undefined || message === undefined) return false
    const had = this.#shown(name, nowMs).includes(message)
    all[place] = { seq, from: message.from, text: '', sentAtMs: message.sentAtMs, deleted: true }
    return had
  }

  unarchived(): readonly Unarchived[] {
    return [...this.#channels].flatMap(([channel, { archivedSeq }]) =>
      archivedSeq === undefined ? [] : [{ channel, archivedSeq }],
    )
  }

  archived(name: string, seq: number): void {
    const channel = this.#channels.get(name)
    if (channel?.archivedSeq === undefined) return
    channel.archivedSeq = seq >= channel.lastSeq ? undefined : Math.max(seq, channel.archivedSeq)
  }

  forget(name: string): void {
    this.#channels.delete(name)
  }

  #shown(name: string, nowMs: number): readonly StoredMessage[] {
    const channel = this.#channels.get(name)
    if (channel === undefined) return []
    const { all, lastSeq, archivedSeq = lastSeq } = channel
    let latestMs = 0
    return all.filter(({ seq, sentAtMs }) => {
      latestMs = Math.max(latestMs, sentAtMs)
      return seq > archivedSeq || (seq > lastSeq - this.#messagesMax && nowMs - latestMs <= this.#ageMaxMs)
    })
  }
}
