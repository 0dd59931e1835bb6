/** Messages of a connection in the order in which they come, for whoever reads them one by one. */
export class Inbox {
  readonly #messages: Buffer[] = []
  readonly #waiting: ((message: Buffer) => void)[] = []

  put(message: Buffer): void {
    const first = this.#waiting.shift()
    if (first === undefined) this.#messages.push(message)
    else first(message)
  }

  next(): Promise<Buffer> {
    const first = this.#messages.shift()
    if (first !== undefined) return Promise.resolve(first)
    return new Promise((resolve) => void this.#waiting.push(resolve))
  }
}
