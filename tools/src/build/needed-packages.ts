import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { packageFits, type Platform, type PlatformFields } from './platform.ts'

/** What is read of the package.json of an installed package. */
interface InstalledManifest extends PlatformFields {
  readonly version?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/**
 * Folders, relative to `nodeModules`, of some installed packages and of all that they need at run time on `platform`,
 * found as Node.js finds them. So what is copied is what the lockfile names, checked by its hashes when it was
 * installed; nothing is resolved anew.
 *
 * @param wanted name → version, as `BuiltService.externals`
 * @throws Error when a package is missing, or another version of it is installed.
 */
export async function neededPackages(
  wanted: Readonly<Record<string, string>>,
  nodeModules: string,
  platform: Platform,
): Promise<readonly string[]> {
  const found = new Set<string>()

  const visit = async (name: string, from: string, isOptional: boolean): Promise<void> => {
    // Types are for compilers.
    if (name.startsWith('@types/')) return
    const folder = findPackage(name, from)
    if (folder === undefined) {
      if (isOptional) return
      throw new Error(`${name} is not installed, but needed by ${from || 'the service'}. Run "npm ci" first.`)
    }
    if (found.has(folder)) return
    const { dependencies, optionalDependencies, ...manifest } = await readManifest(folder)
    if (!packageFits(manifest, platform)) return
    found.add(folder)
    for (const dependency of Object.keys({ ...dependencies, ...optionalDependencies })) {
      await visit(dependency, folder, dependency in (optionalDependencies ?? {}))
    }
  }

  const findPackage = (name: string, from: string): string | undefined => {
    for (let folder = from; folder !== '.' && folder !== ''; folder = dirname(folder)) {
      const nested = join(folder, 'node_modules', name)
      if (existsSync(join(nodeModules, nested, 'package.json'))) return nested
    }
    return existsSync(join(nodeModules, name, 'package.json')) ? name : undefined
  }

  const readManifest = async (folder: string): Promise<InstalledManifest> =>
    JSON.parse(await readFile(join(nodeModules, folder, 'package.json'), 'utf8')) as InstalledManifest

  for (const [name, pinned] of Object.entries(wanted)) {
    await visit(name, '', false)
    const { version } = await readManifest(name)
    // `npm:other-name@1.2.3` installs another package under this name.
    if (version !== pinned.slice(pinned.lastIndexOf('@') + 1)) {
      throw new Error(`${name} is installed as ${version}, but pinned to ${pinned}. Run "npm ci" first.`)
    }
  }
  return [...found].toSorted()
}
