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
import { rulesOf } from './handshake-rules.ts'

/** What a gate offers and demands. */
export interface HandshakePolicy {
  readonly heartbeatSeconds: number
  /** Dotted numbers; clients below it, or without one, are told that they are too old. Absent: no demand. */
  readonly minClientVersion?: string | undefined
  /** Clients above it are refused: they expect what this server does not have yet. Absent: no demand. */
  readonly maxClientVersion?: string | undefined
  /** The only `sys.platform` or `sys.type` that may come; all when absent or empty. */
  readonly platforms?: readonly string[]
  /** Rules of one's own, asked in this order after those above. */
  readonly validators?: readonly HandshakeValidator[]
}

/** Why a client is not let in: `code` is what it branches on, see `handshakeCode` of libs/protocol. */
export interface HandshakeRefusal {
  readonly code: number
  /** A sentence for a person. */
  readonly reason: string
}

/**
 * A rule about who may come, given what a client says first; `undefined` lets it in.
 *
 * @example
 * const onlyTesters: HandshakeValidator = ({ user }) =>
 *   user?.['invitation'] === 'beta' ? undefined : { code: 400, reason: 'This test needs an invitation.' }
 */
export type HandshakeValidator = (request: HandshakeRequest) => HandshakeRefusal | undefined

/** The answer to a handshake, as a packet, and what it settles. */
export type HandshakeAnswer =
  | {
      readonly accepted: true
      readonly packet: Uint8Array
      readonly serializer: Serializer
      readonly coded: boolean
      readonly compressed: boolean
      readonly resumable: boolean
      readonly request: HandshakeRequest
    }
  | { readonly accepted: false; readonly packet: Uint8Array; readonly reason: string }

const utf8 = { encoder: new TextEncoder(), decoder: new TextDecoder('utf-8', { fatal: true }) }

/**
 * Makes the function that answers handshakes. Answers are encoded once for each kind of client and shared.
 *
 * @example const answer = createHandshake({ heartbeatSeconds: 30 })(packet.body)
 */
export function createHandshake(policy: HandshakePolicy): (body: Uint8Array) => HandshakeAnswer {
  const validators = [...rulesOf(policy), ...(policy.validators ?? [])]
  const accepted = new Map<string, Uint8Array>()
  const accept = (serializer: Serializer, request: HandshakeRequest): HandshakeAnswer => {
    const coded = wantsDictionary(request.sys)
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
    const { compress: compressed = false, resume: resumable = false } = request.sys
    return { accepted: true, packet, serializer, coded, compressed, resumable, request }
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
    for (const validate of validators) {
      const refusal = validate(request)
      if (refusal !== undefined) return refuse(refusal.code, refusal.reason)
    }
    return accept(serializer, request)
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

const refuse = (code: number, reason: string): HandshakeAnswer => ({
  accepted: false,
  packet: encode({ code, reason }),
  reason,
})

const encode = (response: HandshakeResponse): Uint8Array =>
  encodePacket(packetType.handshake, utf8.encoder.encode(JSON.stringify(response)))
