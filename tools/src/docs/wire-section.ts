import {
  disconnectReasons,
  encodeMessage,
  encodeMessageId,
  encodePacket,
  errorBodySchema,
  handshakeRequest,
  handshakeResponse,
  kickBody,
  limits,
  packetType,
  type Message,
} from '@hydra/protocol'
import { fieldTable } from './field-table.ts'
import { code, table } from './markdown.ts'

const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))
const noBytes = new Uint8Array(0)

/** Written by the very code that clients talk to, so that an example cannot be wrong. */
const examples: [string, Message][] = [
  ['notify to route `a`', { kind: 'notify', route: 'a', body: noBytes }],
  ['push `a`', { kind: 'push', route: 'a', body: noBytes }],
  ['push with route code 1', { kind: 'push', route: 1, body: noBytes }],
  [
    'request 1 to code 206, body `{}`',
    { kind: 'request', id: encodeMessageId(1), route: 206, body: json({}) },
  ],
  ['response to 129', { kind: 'response', id: encodeMessageId(129), body: noBytes }],
  [
    'error response to 2, body `{}`',
    { kind: 'response', id: encodeMessageId(2), body: json({}), error: true },
  ],
]

const wirePackets = (): string[] => [
  '## Wire format',
  'The client protocol of Pomelo and Pitaya. Over WebSocket one binary message holds one packet:',
  '```\ntype: u8 · length: u24, big-endian · body\n```',
  table(
    ['type', 'packet', 'body'],
    [
      [`${packetType.handshake}`, 'handshake', 'JSON, see below'],
      [`${packetType.handshakeAck}`, 'handshake acknowledged', 'none'],
      [`${packetType.heartbeat}`, 'heartbeat', 'none'],
      [`${packetType.data}`, 'data', 'one message'],
      [`${packetType.kick}`, 'kick', 'JSON, see below'],
    ],
  ),
  'Anything else, text included, ends the connection with a reason. A message inside a data packet:',
  '```\nflag: u8 · [id] · [route] · body\n```',
  table(
    ['part', 'where', 'form'],
    [
      [
        'flag',
        'always',
        'bit 0: the route is a code; bits 1–3: 0 request, 1 notify, 2 response, 3 push; `0x10`: the body is compressed (zlib); `0x20`: the body is an error',
      ],
      [
        'id',
        'request, response',
        `varint, 7 bits per byte, at most ${limits.messageIdMaxBytes} bytes, never 0. A response repeats the bytes of its request exactly`,
      ],
      [
        'route',
        'request, notify, push',
        `u8 length and at most ${limits.routeMaxBytes} bytes of UTF-8; or a u16 big-endian code`,
      ],
      ['body', 'always', 'in the serializer of the connection; never empty in what a server sends'],
    ],
  ),
  'Known bytes:',
  table(
    ['what', 'bytes'],
    [
      ['heartbeat packet', code(hex(encodePacket(packetType.heartbeat)))],
      ...examples.map(([what, message]) => [`${what}`, code(hex(encodeMessage(message)))]),
    ],
  ),
]

const wireBodies = (): string[] => [
  '### Bodies',
  [
    'The serializer is `json` or `msgpack`, chosen once per connection by the handshake. Both carry the values of JSON;',
    'MessagePack bodies hold no extension types, their map keys are texts, and integers beyond 32 bits travel as 64-bit',
    `floats. A body nests at most ${limits.bodyMaxDepth} deep. Unknown fields are ignored, so that either side can be upgraded first.`,
  ].join('\n'),
  'Clients may send compressed bodies. Servers compress nothing towards a client that did not ask for it.',
  '### Handshake',
  [
    'The client speaks first. Both bodies are plain JSON, whatever the serializer, and never compressed. After code 200',
    'the client acknowledges, and either side may send data. Any other code is followed by a close, and so is a',
    'handshake that does not arrive in time.',
  ].join('\n'),
  fieldTable('Request', handshakeRequest, 'input'),
  fieldTable('Answer', handshakeResponse, 'output'),
  [
    'The route dictionary is offered to clients that ask for it with `dict`, and to those whose `type` begins with `js`,',
    'which use it without asking. Only they are sent coded pushes; codes are always accepted.',
  ].join('\n'),
  '### Heartbeat',
  [
    'Begins after the acknowledgement: the client sends a heartbeat each interval, and the server answers it. Any packet',
    'counts as a sign of life. Who hears nothing for three intervals ends the connection.',
  ].join('\n'),
  '### Errors',
  'A response with the error flag has a body of its own; [errors.md](errors.md) lists the codes.',
  fieldTable('Body', errorBodySchema, 'output'),
  '### Kick',
  'A server that ends a connection says why before it closes, where the connection still allows it.',
  fieldTable('Body', kickBody, 'output'),
  `Codes: ${disconnectReasons.map(code).join(', ')}. The reason phrase of the WebSocket close frame is the same word.`,
]

/** How bytes travel between client and gate, before any route is known. */
export const wireSection = (): string[] => [...wirePackets(), ...wireBodies()]
