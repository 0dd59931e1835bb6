import { connect, type NetConnectOpts } from 'node:net'

const answerBytesMax = 64 * 1024
const answerTimeoutMs = 1_000

/**
 * One question over a fresh connection, for readiness checks that need no client library.
 *
 * @param target port or unix socket
 * @param question bytes to send after connecting; empty when the server speaks first
 * @param parse gets everything received so far; gives undefined while it is not enough, throws when it is wrong
 * @param timeoutMs how long the other side may be silent, default 1 s
 * @throws what `parse` threw; Error when the connection fails, ends or falls silent first, and after 64 KiB without a result
 * @example await ask({ port }, 'PING\r\n', (answer) => answer.toString() === '+PONG\r\n' || undefined)
 */
export const ask = async <T>(
  target: NetConnectOpts,
  question: string,
  parse: (answer: Buffer) => T | undefined,
  timeoutMs: number = answerTimeoutMs,
): Promise<T> => {
  const socket = connect(target)
  socket.setTimeout(timeoutMs, () => socket.destroy(new Error('no answer in time')))
  socket.write(question)
  let answer: Buffer = Buffer.alloc(0)
  try {
    // Without an encoding a socket gives buffers only.
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      answer = Buffer.concat([answer, chunk])
      const result = parse(answer)
      if (result !== undefined) return result
      if (answer.length > answerBytesMax) throw new Error('an answer without end')
    }
  } finally {
    socket.destroy()
  }
  throw new Error('the connection ended before the answer')
}
