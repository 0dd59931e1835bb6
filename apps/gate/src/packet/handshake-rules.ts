import { handshakeCode, type HandshakeRequest } from '@hydra/protocol'
import type { HandshakePolicy, HandshakeValidator } from './handshake.ts'

/** The rules that a gate's configuration makes. */
export function rulesOf(policy: HandshakePolicy): readonly HandshakeValidator[] {
  const { minClientVersion, maxClientVersion, platforms = [] } = policy
  const rules: HandshakeValidator[] = []
  if (minClientVersion !== undefined) {
    rules.push(({ sys }) => {
      const version = versionOf(sys)
      if (version !== undefined && compareVersions(version, minClientVersion) >= 0) return undefined
      const given = version === undefined ? 'A client without a version' : `Client version ${version}`
      const reason = `${given} is too old; ${minClientVersion} or newer is needed.`
      return { code: handshakeCode.oldClient, reason }
    })
  }
  if (maxClientVersion !== undefined) {
    rules.push(({ sys }) => {
      const version = versionOf(sys)
      if (version === undefined || compareVersions(version, maxClientVersion) <= 0) return undefined
      const reason = `Client version ${version} is newer than this server; at most ${maxClientVersion} is served.`
      return { code: handshakeCode.fail, reason }
    })
  }
  if (platforms.length > 0) {
    rules.push(({ sys }) => {
      const platform = platformOf(sys)
      if (platform !== undefined && platforms.includes(platform)) return undefined
      return {
        code: handshakeCode.fail,
        reason: `Clients of the platform "${platform ?? ''}" are not served.`,
      }
    })
  }
  return rules
}

/** The version of the game, as Pitaya and Pomelo name it. */
export const versionOf = ({ clientVersion, version }: HandshakeRequest['sys']): string | undefined =>
  clientVersion ?? version

/** The kind of client, as Pitaya and Pomelo name it. */
export const platformOf = ({ platform, type }: HandshakeRequest['sys']): string | undefined =>
  platform ?? type

/** Compares dotted numbers; what is no number counts as 0. Negative when `a` is the older. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [numbersOf(a), numbersOf(b)]
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

const numbersOf = (version: string): readonly number[] =>
  version
    .replace(/^v/i, '')
    .split('.')
    .map((part) => Number.parseInt(part, 10) || 0)
