/** Answers that are remembered; the oldest makes room. */
const keptMax = 32

/** What has been answered so far, for lines that refer to it: `role enter $role.rid`. */
export class Answers {
  readonly #answers: unknown[] = []

  add(answer: unknown): void {
    this.#answers.unshift(answer)
    this.#answers.length = Math.min(this.#answers.length, keptMax)
  }

  /**
   * What the latest answer that has something there has there; `undefined` when none has.
   *
   * @example answers.find('roles.0.rid')
   */
  find(path: string): unknown {
    const parts = path.split('.')
    for (const answer of this.#answers) {
      const found = parts.reduce(inside, answer)
      if (found !== undefined) return found
    }
    return undefined
  }
}

function inside(value: unknown, part: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
  return (value as Readonly<Record<string, unknown>>)[part]
}
