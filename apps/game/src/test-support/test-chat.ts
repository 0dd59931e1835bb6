import { allRoutes, HydraError, serviceOf, type ErrorCode } from '@hydra/protocol'
import type { ServiceHandlers } from '@hydra/rpc'

/** Chat as game sees it. The real one is tested with game in tools/src/e2e. */
export class TestChat {
  /** What it was told, such as `enter ada`; it answers nothing while {@link isAway}. */
  readonly heard: string[] = []
  isAway = false
  /** What it refuses everything with. */
  refusal: ErrorCode | undefined
  /** How often it has refused something with {@link refusal}. */
  refused = 0
  /** So many calls are heard and fail all the same: the answer is lost. */
  answersLost = 0
  /** Ids of the alliances that were founded. */
  readonly founded = new Set<string>()
  readonly #said = new Map<string, number>()

  handlers(): ServiceHandlers<'chat'> {
    return {
      ...forOthers(),
      'chat.presence.enter': (_context, { rid, name, level }) => {
        this.#hear(`enter ${rid} ${name} ${level}`)
        return { channels: ['system'] }
      },
      'chat.presence.update': (_context, { rid, name, level }) => {
        this.#hear(`update ${rid} ${name} ${level}`)
        return {}
      },
      'chat.presence.leave': (_context, { rid }) => {
        this.#hear(`leave ${rid}`)
        return {}
      },
      'chat.alliance.outcome': (_context, { allianceId }) => {
        this.#hear(`outcome ${allianceId}`)
        return { founded: this.founded.has(allianceId) }
      },
      'chat.system.announce': (_context, { channel, text, messageId = '' }) => {
        const seq = this.#said.get(messageId) ?? this.#said.size + 1
        this.#said.set(messageId, seq)
        this.#hear(`announce ${seq} ${channel} ${text}`)
        return { seq }
      },
      'chat.team.update': (_context, { teamId, version, rids }) => {
        this.#hear(`team ${teamId} ${version} ${rids.join(' ')}`)
        return {}
      },
    }
  }

  #hear(what: string): void {
    if (this.isAway) throw new HydraError('STORAGE_UNAVAILABLE', 'Chat is away, says the test.')
    if (this.refusal !== undefined) {
      this.refused++
      throw new HydraError(this.refusal, 'Chat refuses everything, says the test.')
    }
    this.heard.push(what)
    if (this.answersLost === 0) return
    this.answersLost--
    throw new HydraError('STORAGE_UNAVAILABLE', 'The answer is lost, says the test.')
  }
}

/** What clients and other services call. */
function forOthers(): ServiceHandlers<'chat'> {
  const never = () => {
    throw new HydraError('INTERNAL', 'Game never calls this.')
  }
  const names = allRoutes.map(({ name }) => name).filter((name) => serviceOf(name) === 'chat')
  // The compiler cannot know that these are the names of this service.
  return Object.fromEntries(names.map((name) => [name, never])) as unknown as ServiceHandlers<'chat'>
}
