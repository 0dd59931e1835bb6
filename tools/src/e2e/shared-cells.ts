import type { SceneView } from '@hydra/client'

/** Cells that several views show at this moment, by scene and cell, with those who see them. */
export function sharedCells(
  views: readonly (readonly [name: string, view: SceneView])[],
): ReadonlyMap<string, readonly (readonly [name: string, view: SceneView, cell: number])[]> {
  const groups = new Map<string, (readonly [string, SceneView, number])[]>()
  for (const [name, view] of views) {
    for (const cell of view.cells) {
      const key = `${view.info?.x}:${cell}`
      groups.set(key, [...(groups.get(key) ?? []), [name, view, cell]])
    }
  }
  return new Map([...groups].filter(([, seen]) => seen.length > 1))
}

/**
 * Notes which of the cells all of their viewers show alike at this moment, and answers those that they never have. What is
 * under way reaches each of them at its own time, so a cell that is busy is alike only now and then; one that somebody has
 * wrong never is.
 */
export class SharedCells {
  readonly #alike = new Set<string>()

  look(views: readonly (readonly [name: string, view: SceneView])[]): readonly string[] {
    const shared = sharedCells(views)
    for (const [key, seen] of shared) {
      const digests = new Set(seen.map(([, view, cell]) => (view.inSync ? view.digest(cell) : undefined)))
      if (digests.size === 1 && !digests.has(undefined)) this.#alike.add(key)
    }
    return [...shared].flatMap(([key, seen]) =>
      this.#alike.has(key) ? [] : [`${key} of ${seen.map(([name]) => name).join(', ')}`],
    )
  }

  /** Cells that were alike. */
  get size(): number {
    return this.#alike.size
  }
}
