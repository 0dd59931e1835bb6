import { inflateSync } from 'node:zlib'
import { HydraError } from '@hydra/protocol'

/**
 * Undoes a client's compression (zlib, RFC 1950). Runs at once, to keep the order of messages; the limit bounds how
 * long that takes.
 *
 * @throws HydraError `PAYLOAD_TOO_LARGE` beyond the limit, `PROTOCOL_ERROR` when the bytes are no zlib stream.
 */
export function inflateBody(body: Uint8Array, maxInflatedBytes: number): Uint8Array {
  try {
    return inflateSync(body, { maxOutputLength: maxInflatedBytes })
  } catch (cause) {
    if (cause instanceof RangeError) {
      throw new HydraError(
        'PAYLOAD_TOO_LARGE',
        `The body has more than ${maxInflatedBytes} bytes when inflated.`,
        { cause },
      )
    }
    throw new HydraError('PROTOCOL_ERROR', 'The body is marked as compressed but is no zlib stream.', {
      cause,
    })
  }
}
