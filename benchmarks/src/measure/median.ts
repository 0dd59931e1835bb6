/** The one in the middle. @throws Error when there is none. */
export function median<T>(all: readonly T[], by: (one: T) => number): T {
  const one = all.toSorted((a, b) => by(a) - by(b))[Math.floor(all.length / 2)]
  if (one === undefined) throw new Error('Nothing was measured.')
  return one
}
