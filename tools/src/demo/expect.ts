import type { GameClient } from '@hydra/client'
import { pushes, type ChatMessage } from '@hydra/protocol'

/** The next matching message, or a failure after ten seconds that says what was heard instead. */
export function nextMessage(
  client: GameClient,
  matches: (message: ChatMessage) => boolean,
): Promise<ChatMessage> {
  return new Promise((resolve, reject) => {
    const others: string[] = []
    const stop = client.on(pushes.chat.channel.message, (message) => {
      if (!matches(message)) return void others.push(message.text)
      clearTimeout(timer)
      stop()
      resolve(message)
    })
    const timer = setTimeout(() => {
      stop()
      reject(
        new Error(`The chat message did not arrive within 10 s; heard instead: ${JSON.stringify(others)}`),
      )
    }, 10_000)
  })
}

/** @throws Error that says what was to be equal, and both values. */
export function expectEqual(what: string, actual: unknown, expected: unknown): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (a !== b) throw new Error(`Expected ${what} to be ${b}, but it is ${a}.`)
}
