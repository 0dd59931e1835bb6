/** A channel that roles talk in. */
export interface Channel {
  /** As clients write it. */
  readonly name: string
  /** What gates subscribe to for their members. */
  readonly topic: string
}

const channel = (name: string): Channel => Object.freeze({ name, topic: `chat-${name}` })

const world = channel('world')

/** The channels that a role joins by entering. */
export const channelsOnEnter: readonly Channel[] = Object.freeze([world])

/** The channel of a name, if there is one. @example findChannel('world')?.topic // 'chat-world' */
export function findChannel(name: string): Channel | undefined {
  return name === world.name ? world : undefined
}

/**
 * Whether a session may read and speak in a channel: it is the one that is noted as present. A role whose presence
 * belongs to another session, or to none, joins first.
 */
export function hasJoined(
  session: { readonly sessionId: string },
  presence: { readonly sessionId: string } | undefined,
): boolean {
  return presence?.sessionId === session.sessionId
}
