import { HydraError } from '../hydra-error.ts'
import { limits } from '../limits.ts'

/**
 * Writes an id as base-128 varint, least significant group first.
 *
 * @throws HydraError `PROTOCOL_ERROR` when it is no integer of 0 to 2^35 - 1.
 * @example encodeMessageId(129) // 81 01
 */
export function encodeMessageId(id: number): Uint8Array {
  if (!Number.isInteger(id) || id < 0 || id >= 2 ** (7 * limits.messageIdMaxBytes)) {
    throw new HydraError('PROTOCOL_ERROR', `${id} is no message id.`)
  }
  const bytes: number[] = []
  let rest = id
  do {
    const group = rest % 128
    rest = Math.floor(rest / 128)
    bytes.push(rest > 0 ? group | 0x80 : group)
  } while (rest > 0)
  return Uint8Array.from(bytes)
}

/** Reads what {@link encodeMessageId} wrote. */
export function decodeMessageId(bytes: Uint8Array): number {
  return bytes.reduceRight((value, byte) => value * 128 + (byte & 0x7f), 0)
}

/**
 * Finds the end of the id that starts at `offset`: a run of bytes with the high bit set and one without.
 * The value is left alone, because some clients write the groups the other way round; a server only echoes it.
 *
 * @throws HydraError `PROTOCOL_ERROR` when the id is cut off or longer than five bytes.
 */
export function messageIdEnd(bytes: Uint8Array, offset: number): number {
  for (let end = offset; end < offset + limits.messageIdMaxBytes; end++) {
    const byte = bytes[end]
    if (byte === undefined)
      throw new HydraError('PROTOCOL_ERROR', 'Malformed message: it ends inside its id.')
    if (byte < 0x80) return end + 1
  }
  throw new HydraError('PROTOCOL_ERROR', 'Malformed message: its id is longer than five bytes.')
}
