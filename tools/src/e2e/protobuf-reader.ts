/** One field of a message: bytes for what has a length, a number for the rest. */
export interface ProtobufField {
  readonly number: number
  readonly bytes: Buffer
  readonly value: bigint
}

/**
 * The fields of a protobuf message as they stand, without a schema. Source: https://protobuf.dev/programming-guides/encoding/
 *
 * @throws Error when the bytes are no message.
 */
export function readFields(message: Buffer): readonly ProtobufField[] {
  const fields: ProtobufField[] = []
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = message.readUInt8(at++)
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  while (at < message.length) {
    const tag = Number(varint())
    const number = tag >> 3
    const start = at
    switch (tag & 7) {
      case 0:
        fields.push({ number, bytes: none, value: varint() })
        break
      case 1:
        at += 8
        fields.push({ number, bytes: message.subarray(start, at), value: message.readBigUInt64LE(start) })
        break
      case 2: {
        const length = Number(varint())
        fields.push({ number, bytes: message.subarray(at, at + length), value: 0n })
        at += length
        break
      }
      case 5:
        at += 4
        fields.push({ number, bytes: none, value: BigInt(message.readUInt32LE(start)) })
        break
      default:
        throw new Error(`field ${number} has the unknown wire type ${tag & 7}`)
    }
  }
  if (at > message.length) throw new Error('the message ends within a field')
  return fields
}

const none = Buffer.alloc(0)
