import { existsSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Finds what belongs to a program: beside it, or in the nearest folder above that has it. So it is found both in a
 * checkout and beside a bundle that was deployed. `undefined` when no folder has it.
 *
 * @param mainUrl `import.meta.url` of the program
 * @example findAbove(import.meta.url, 'data/conf/gateserver.toml')
 */
export function findAbove(mainUrl: string, path: string): string | undefined {
  const start = dirname(fileURLToPath(mainUrl))
  for (let folder = start; ; folder = dirname(folder)) {
    const found = join(folder, path)
    if (existsSync(found)) return found
    if (folder === dirname(folder)) return undefined
  }
}

/**
 * The path of a file or folder that a configuration names: an absolute one as it is, a relative one as
 * {@link findAbove} finds it, else in the folder from which the process was started.
 *
 * @example configuredPath(import.meta.url, config.tables.directory)
 */
export function configuredPath(mainUrl: string, path: string): string {
  if (isAbsolute(path)) return path
  return findAbove(mainUrl, path) ?? resolve(path)
}
