import { readFileSync } from 'node:fs'
import { findBinary, missingServers, serverKinds, type Environment, type ServerKind } from '@hydra/testing'

/** What the decision about backends depends on. */
export interface Machine {
  readonly env: Environment
  /** The servers that cannot be started with what is installed. */
  readonly missing: readonly ServerKind[]
  /** Whether packages can be installed here without asking anybody: root, on Debian or Ubuntu, with apt-get. */
  readonly canInstall: boolean
}

/** Looks at this machine. */
export const thisMachine = (env: Environment = process.env): Machine => ({
  env,
  missing: missingServers(serverKinds, env),
  canInstall:
    process.getuid?.() === 0 &&
    findBinary('apt-get', { PATH: env['PATH'] }) !== undefined &&
    isDebianLike(readOsRelease()),
})

/**
 * Whether the text of /etc/os-release is that of Debian, Ubuntu or one made from them.
 *
 * @see https://www.freedesktop.org/software/systemd/man/latest/os-release.html
 */
export const isDebianLike = (osRelease: string): boolean => {
  const names = [...osRelease.matchAll(/^(?:ID|ID_LIKE)=(.*)$/gm)].flatMap(([, value = '']) =>
    value.replace(/^["']|["']$/g, '').split(' '),
  )
  return names.some((name) => name === 'debian' || name === 'ubuntu')
}

const readOsRelease = (): string => {
  try {
    return readFileSync('/etc/os-release', 'utf8')
  } catch {
    // Only Linux has this file.
    return ''
  }
}
