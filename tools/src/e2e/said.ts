import type { Actor } from '@hydra/bots'
import { limits, routes, type ChatMessage } from '@hydra/protocol'

const { history } = routes.chat.channel

/** What was said in the world's channel and acknowledged, to be found in its history whatever has been restarted since. */
export class Said {
  /** Texts by number. Each text is another one. */
  readonly #bySeq = new Map<number, string>()
  /** Numbers that were acknowledged for two texts: one of them is lost. */
  readonly #twice: string[] = []
  #count = 0

  /** A text that nobody else says. */
  readonly text = (me: Pick<Actor, 'name'>): string => `${me.name} says ${++this.#count}`

  get acknowledged(): number {
    return this.#bySeq.size
  }

  /** An answer to a player. */
  answered(route: string, request: unknown, response: unknown): void {
    if (route !== 'chat.channel.send') return
    const { channel, text } = request as { channel: string; text: string }
    if (channel !== 'world') return
    const { seq } = response as { seq: number }
    const former = this.#bySeq.get(seq)
    if (former !== undefined && former !== text) {
      this.#twice.push(`${seq} was acknowledged for "${former}" and for "${text}"`)
    }
    this.#bySeq.set(seq, text)
  }

  /** What is not as it was acknowledged: lost, changed, or stored more than once. */
  wrongIn(messages: readonly ChatMessage[]): readonly string[] {
    const stored = new Map(messages.map(({ seq, text }) => [seq, text]))
    const times = new Map<string, number>()
    for (const { text } of messages) times.set(text, (times.get(text) ?? 0) + 1)
    return [
      ...this.#twice,
      ...[...this.#bySeq].flatMap(([seq, text]) =>
        stored.get(seq) === text ? [] : [`${seq} is "${stored.get(seq)}", "${text}" was acknowledged`],
      ),
      ...[...times].flatMap(([text, count]) => (count === 1 ? [] : [`"${text}" is stored ${count} times`])),
    ]
  }
}

/** All of a channel that its history has, as any client can read it. */
export async function allOf(me: Pick<Actor, 'request'>, channel: string): Promise<readonly ChatMessage[]> {
  const all: ChatMessage[] = []
  for (let afterSeq = 0; ; afterSeq = all.at(-1)?.seq ?? afterSeq) {
    const page = await me.request(history, { channel, afterSeq, limit: limits.chatHistoryPageMax })
    all.push(...page.messages)
    if (!page.hasMore) return all
  }
}
