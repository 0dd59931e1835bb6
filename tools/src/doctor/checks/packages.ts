import { join } from 'node:path'
import type { Check } from '../check.ts'

interface LockedPackage {
  readonly version?: string
  readonly integrity?: string
  readonly optional?: boolean
  readonly link?: boolean
}

const namesShown = 3
const install = { verdict: 'missing', help: ['npm ci'] } as const

/** Whether node_modules holds what package-lock.json says: npm notes what it has installed in a file of the same form. */
export const packagesCheck: Check = {
  use: 'play',
  name: 'packages',
  look: ({ root, readText }) => {
    const locked = packagesOf(readText(join(root, 'package-lock.json')))
    const installed = packagesOf(readText(join(root, 'node_modules/.package-lock.json')))
    if (locked === undefined) {
      return {
        verdict: 'missing',
        detail: 'package-lock.json is not there: is this a checkout of Hydra?',
        help: ['git checkout -- package-lock.json'],
      }
    }
    if (installed === undefined) return { ...install, detail: 'npm ci has not run here' }
    // The note is of the last install; where it differs, what lies there decides.
    const lies = (path: string, { version }: LockedPackage) =>
      version !== undefined && versionIn(readText(join(root, path, 'package.json'))) === version
    const wrong = Object.entries(locked).filter(
      ([path, wanted]) => !isAsWanted(path, wanted, installed[path]) && !lies(path, wanted),
    )
    if (wrong.length === 0) {
      const count = Object.keys(installed).filter((path) => path.includes('node_modules/')).length
      return { verdict: 'ok', detail: `${count} as package-lock.json says` }
    }
    const names = wrong.slice(0, namesShown).map(([path, { version = '' }]) => `${nameOf(path)} ${version}`)
    const more = wrong.length > namesShown ? ' …' : ''
    return {
      ...install,
      detail: `${wrong.length} of package-lock.json not there, or in another version: ${names.join(', ')}${more}`,
    }
  },
}

/** What is for other platforms, or may be left out for another reason, need not be there. */
function isAsWanted(path: string, wanted: LockedPackage, found: LockedPackage | undefined): boolean {
  if (!path.includes('node_modules/') || wanted.link === true) return true
  if (found === undefined) return wanted.optional === true
  return found.version === wanted.version && found.integrity === wanted.integrity
}

function versionIn(packageJson: string | undefined): string | undefined {
  if (packageJson === undefined) return undefined
  try {
    return (JSON.parse(packageJson) as { readonly version?: string }).version
  } catch {
    return undefined
  }
}

const nameOf = (path: string): string =>
  path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)

function packagesOf(text: string | undefined): Readonly<Record<string, LockedPackage>> | undefined {
  if (text === undefined) return undefined
  try {
    return (JSON.parse(text) as { readonly packages?: Readonly<Record<string, LockedPackage>> }).packages
  } catch {
    // Half written: as good as not there.
    return undefined
  }
}
