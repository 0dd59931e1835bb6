import {
  encodePacket,
  handshakeCode,
  handshakeRequest,
  isSerializer,
  packetType,
  routeDictionary,
  serializers,
  type HandshakeRequest,
  type HandshakeResponse,
  type Serializer,
} from '@hydra/protocol'

/** What a gate offers and demands. */
export interface HandshakePolicy {
  readonly heartbeatSeconds: number
  /** Dotted numbers; clients below it, or without one, are told that they are too old. Absent: no demand. */
  readonly minClientVersion?: string
}

/** The answer to a handshake, as a packet, and what it settles. */
export type HandshakeAnswer =
  | {
      readonly accepted: true
      readonly packet: Uint8Array
      readonly serializer: Serializer
      readonly coded: boolean
    }
  | { readonly accepted: false; readonly packet: Uint8Array; readonly reason: string }

const utf8 = { encoder: new TextEncoder(), decoder: new TextDecoder('utf-8', { fatal: true }) }

/**
 * Makes the function that answers handshakes. Answers are encoded once for each kind of client and shared.
 *
 * @example const answer = createHandshake({ heartbeatSeconds: 30 })(packet.body)
 */
export function createHandshake(policy: HandshakePolicy): (body: Uint8Array) => HandshakeAnswer {
  const accepted = new Map<string, Uint8Array>()
  const accept = (serializer: Serializer, coded: boolean): HandshakeAnswer => {
    const key = `${serializer}/${coded}`
    let packet = accepted.get(key)
    if (packet === undefined) {
      const dict = coded ? { dict: routeDictionary } : {}
      packet = encode({
        code: handshakeCode.ok,
        sys: { heartbeat: policy.heartbeatSeconds, serializer, ...dict },
      })
      accepted.set(key, packet)
    }
    return { accepted: true, packet, serializer, coded }
  }

  return (body) => {
    const request = parse(body)
    if (typeof request === 'string') return refuse(handshakeCode.fail, request)
    const { sys } = request
    const serializer = sys.serializer ?? 'json'
    if (!isSerializer(serializer)) {
      const known = serializers.join(' and ')
      return refuse(handshakeCode.fail, `The serializer "${serializer}" is unknown; there are ${known}.`)
    }
    const { minClientVersion } = policy
    const version = sys.clientVersion ?? sys.version
    if (minClientVersion !== undefined && isOlder(version, minClientVersion)) {
      const given = version === undefined ? 'A client without a version' : `Client version ${version}`
      return refuse(handshakeCode.oldClient, `${given} is too old; ${minClientVersion} or newer is needed.`)
    }
    return accept(serializer, wantsDictionary(sys))
  }
}

/**
 * Pomelo's JavaScript clients (`js-websocket`, `js-socket`) use the dictionary without asking. Everyone else must ask
 * with `dict`: libpitaya, for one, cannot read a coded push.
 */
function wantsDictionary({ dict, type }: HandshakeRequest['sys']): boolean {
  return dict ?? type?.startsWith('js') ?? false
}

/** The request, or why it is none. */
function parse(body: Uint8Array): HandshakeRequest | string {
  let json: unknown
  try {
    json = JSON.parse(utf8.decoder.decode(body))
  } catch {
    return 'The handshake is no JSON.'
  }
  const parsed = handshakeRequest.safeParse(json)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  return `The handshake is wrong at "${issue?.path.join('.') ?? ''}": ${issue?.message ?? 'unknown mismatch'}`
}

/** Compares dotted numbers; what is no number counts as 0, and a missing version is older than any. */
function isOlder(version: string | undefined, min: string): boolean {
  if (version === undefined) return true
  const [have, need] = [numbersOf(version), numbersOf(min)]
  for (let i = 0; i < Math.max(have.length, need.length); i++) {
    const difference = (have[i] ?? 0) - (need[i] ?? 0)
    if (difference !== 0) return difference < 0
  }
  return false
}

const numbersOf = (version: string): readonly number[] =>
  version
    .replace(/^v/i, '')
    .split('.')
    .map((part) => Number.parseInt(part, 10) || 0)

const refuse = (code: number, reason: string): HandshakeAnswer => ({
  accepted: false,
  packet: encode({ code, reason }),
  reason,
})

const encode = (response: HandshakeResponse): Uint8Array =>
  encodePacket(packetType.handshake, utf8.encoder.encode(JSON.stringify(response)))
