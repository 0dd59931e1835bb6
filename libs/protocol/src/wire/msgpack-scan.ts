import { HydraError } from '../hydra-error.ts'

const protoKey = new TextEncoder().encode('__proto__')
const strictDecoder = new TextDecoder('utf-8', { fatal: true })

/**
 * Walks over a MessagePack value without building it, and refuses whatever JSON could not say as well (binary data
 * excepted), before a decoder sees the bytes. A general decoder does more than bodies need: msgpackr's extensions
 * define record layouts that it turns into code with `new Function`, and references that make cyclic values.
 * Source of the format: https://github.com/msgpack/msgpack/blob/master/spec.md
 *
 * @throws HydraError `PROTOCOL_ERROR` for extension types, keys that are no text or named `__proto__`, texts that are
 * no UTF-8 (half a surrogate pair among them), nesting beyond `maxDepth`, and bytes that end early or go on after the
 * value.
 */
export function scanMsgpack(bytes: Uint8Array, maxDepth: number): void {
  const end = scanValue(bytes, 0, maxDepth)
  if (end > bytes.length) throw refused('it ends inside a value')
  if (end < bytes.length) throw refused(`${bytes.length - end} bytes follow the value`)
}

/** Where the value that starts at `at` ends. May lie behind the last byte: the caller's next read finds out. */
function scanValue(bytes: Uint8Array, at: number, depthLeft: number): number {
  const token = bytes[at]
  if (token === undefined) throw refused('it ends inside a value')
  if (token < 0x80 || token >= 0xe0) return at + 1
  if (token < 0x90) return scanMap(bytes, at + 1, token & 0x0f, depthLeft)
  if (token < 0xa0) return scanArray(bytes, at + 1, token & 0x0f, depthLeft)
  if (token < 0xc0) return scanText(bytes, at + 1, token & 0x1f)
  switch (token) {
    case 0xc0: // nil
    case 0xc2: // false
    case 0xc3: // true
      return at + 1
    case 0xcc: // uint 8
    case 0xd0: // int 8
      return at + 2
    case 0xcd: // uint 16
    case 0xd1: // int 16
      return at + 3
    case 0xca: // float 32
    case 0xce: // uint 32
    case 0xd2: // int 32
      return at + 5
    case 0xcb: // float 64
    case 0xcf: // uint 64
    case 0xd3: // int 64
      return at + 9
    case 0xc4: // bin 8
      return at + 2 + uint(bytes, at + 1, 1)
    case 0xd9: // str 8
      return scanText(bytes, at + 2, uint(bytes, at + 1, 1))
    case 0xc5: // bin 16
      return at + 3 + uint(bytes, at + 1, 2)
    case 0xda: // str 16
      return scanText(bytes, at + 3, uint(bytes, at + 1, 2))
    case 0xc6: // bin 32
      return at + 5 + uint(bytes, at + 1, 4)
    case 0xdb: // str 32
      return scanText(bytes, at + 5, uint(bytes, at + 1, 4))
    case 0xdc:
      return scanArray(bytes, at + 3, uint(bytes, at + 1, 2), depthLeft)
    case 0xdd:
      return scanArray(bytes, at + 5, uint(bytes, at + 1, 4), depthLeft)
    case 0xde:
      return scanMap(bytes, at + 3, uint(bytes, at + 1, 2), depthLeft)
    case 0xdf:
      return scanMap(bytes, at + 5, uint(bytes, at + 1, 4), depthLeft)
    default:
      throw refused(`it holds an extension type (0x${token.toString(16)})`)
  }
}

/** A decoder that is not strict puts U+FFFD where bytes are no UTF-8: the text would arrive as another one. */
function scanText(bytes: Uint8Array, start: number, length: number): number {
  const end = start + length
  if (end > bytes.length) return end
  for (let at = start; at < end; at++) {
    if ((bytes[at] ?? 0) < 0x80) continue
    try {
      strictDecoder.decode(bytes.subarray(at, end))
    } catch (cause) {
      throw refused('a text is no valid Unicode', cause)
    }
    return end
  }
  return end
}

// No announced length needs a check of its own: each element takes a byte, so a lie runs off the end soon enough.
function scanArray(bytes: Uint8Array, start: number, length: number, depthLeft: number): number {
  if (depthLeft === 0) throw refused('it nests too deep')
  let at = start
  for (let i = 0; i < length; i++) at = scanValue(bytes, at, depthLeft - 1)
  return at
}

function scanMap(bytes: Uint8Array, start: number, length: number, depthLeft: number): number {
  if (depthLeft === 0) throw refused('it nests too deep')
  let at = start
  for (let i = 0; i < length; i++) {
    const keyEnd = scanKey(bytes, at)
    at = scanValue(bytes, keyEnd, depthLeft - 1)
  }
  return at
}

function scanKey(bytes: Uint8Array, at: number): number {
  const token = bytes[at]
  if (token === undefined) throw refused('it ends inside a value')
  const isText = (token >= 0xa0 && token < 0xc0) || (token >= 0xd9 && token <= 0xdb)
  if (!isText) throw refused('it has a key that is no text')
  const end = scanValue(bytes, at, 0)
  const start = at + (token < 0xc0 ? 1 : token === 0xd9 ? 2 : token === 0xda ? 3 : 5)
  if (end - start === protoKey.length && protoKey.every((byte, i) => bytes[start + i] === byte)) {
    throw refused('it has a key "__proto__"')
  }
  return end
}

function uint(bytes: Uint8Array, at: number, width: 1 | 2 | 4): number {
  let value = 0
  for (let i = 0; i < width; i++) {
    const byte = bytes[at + i]
    if (byte === undefined) throw refused('it ends inside a length')
    value = value * 256 + byte
  }
  return value
}

const refused = (why: string, cause?: unknown) =>
  new HydraError('PROTOCOL_ERROR', `The body is refused: ${why}.`, cause === undefined ? {} : { cause })
