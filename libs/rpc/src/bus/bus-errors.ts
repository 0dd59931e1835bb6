import { HydraError } from '@hydra/protocol'

/** What every driver throws from `publish` while nothing can be sent. */
export const notConnected = (bus: string, cause?: unknown): HydraError =>
  new HydraError('SERVER_GONE', `The ${bus} bus is not connected; the message was not sent.`, { cause })

/** What every driver throws for a payload that the other side would refuse. */
export const payloadTooLarge = (bytes: number, maxBytes: number): HydraError =>
  new HydraError('PAYLOAD_TOO_LARGE', `A bus message of ${bytes} bytes exceeds the limit of ${maxBytes}.`, {
    metadata: { bytes, maxBytes },
  })

/** What every driver throws when its buffer is full: the reader is slower than the publishers. */
export const bufferFull = (bus: string, maxBytes: number): HydraError =>
  new HydraError('SERVER_BUSY', `The ${bus} bus holds ${maxBytes} bytes that are not sent yet; try later.`, {
    metadata: { maxBytes },
  })
