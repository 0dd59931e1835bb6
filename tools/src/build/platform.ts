/** What a native add-on has to be made for. */
export interface Platform {
  /** As `process.platform`. */
  readonly os: string
  /** As `process.arch`. */
  readonly cpu: string
  /** Absent where the operating system has only one C library. */
  readonly libc?: 'glibc' | 'musl'
  /** As `process.versions.modules`: changes with each major version of Node.js. */
  readonly abi: string
}

/** The part of a package.json that says where a package works. */
export interface PlatformFields {
  readonly name?: string
  readonly os?: readonly string[]
  readonly cpu?: readonly string[]
  readonly libc?: readonly string[]
}

/** The platform of this process. */
export function thisPlatform(): Platform {
  const { platform: os, arch: cpu } = process
  const abi = process.versions.modules
  if (os !== 'linux') return { os, cpu, abi }
  const { header } = process.report.getReport() as { readonly header: Readonly<Record<string, unknown>> }
  return { os, cpu, abi, libc: header['glibcVersionRuntime'] === undefined ? 'musl' : 'glibc' }
}

/**
 * Whether a package is of use on a platform. npm itself leaves packages for other systems and processors out, but
 * takes both C libraries of those that say theirs only in their name, such as `@libsql/linux-x64-musl`.
 */
export function packageFits(fields: PlatformFields, { os, cpu, libc }: Platform): boolean {
  const libcs = fields.libc ?? libcOfName(fields.name ?? '')
  return (
    listed(fields.os, os) &&
    listed(fields.cpu, cpu) &&
    (libc === undefined || libcs === undefined || listed(libcs, libc))
  )
}

/**
 * Whether a file of a package is of use on a platform: everything but an add-on (`.node`) whose name says that it is
 * for another one.
 *
 * @example fileFits('uws_darwin_arm64_115.node', { os: 'linux', cpu: 'x64', libc: 'glibc', abi: '115' }) // false
 */
export function fileFits(name: string, { os, cpu, libc, abi }: Platform): boolean {
  if (!name.endsWith('.node')) return true
  return name.split(/[._-]/).every((part) => {
    const wanted = /^(?:abi)?(\d{2,3})$/.exec(part)?.[1]
    if (wanted !== undefined) return wanted === abi
    if (operatingSystems.has(part)) return part === os
    if (processors.has(part)) return part === cpu
    if (part === 'glibc' || part === 'musl') return libc === undefined || part === libc
    return true
  })
}

const operatingSystems = new Set(['linux', 'darwin', 'win32', 'freebsd', 'android'])
const processors = new Set(['x64', 'arm64', 'arm', 'ia32', 'ppc64', 's390x', 'riscv64', 'loong64'])

const libcOfName = (name: string): readonly string[] | undefined => {
  const [, suffix] = /-linux-.*-(gnu|musl)|\/linux-.*-(gnu|musl)/.exec(name)?.filter(Boolean) ?? []
  return suffix === undefined ? undefined : [suffix === 'musl' ? 'musl' : 'glibc']
}

/** As npm reads these lists: names that are meant, or, with "!", names that are not. */
function listed(names: readonly string[] | undefined, wanted: string): boolean {
  if (names === undefined || names.length === 0) return true
  if (names.includes(`!${wanted}`)) return false
  const meant = names.filter((name) => !name.startsWith('!'))
  return meant.length === 0 || meant.includes(wanted)
}
