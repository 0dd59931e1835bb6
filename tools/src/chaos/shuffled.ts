/** The items in another order (Fisher-Yates). */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const rest = [...items]
  return Array.from(items, () => rest.splice(Math.floor(random() * rest.length), 1)).flat()
}
