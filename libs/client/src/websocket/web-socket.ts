/** The part of the standard WebSocket that the client uses; browsers have it, Node gets it from `ws`. */
export interface WebSocketLike {
  /** Bytes that were sent and have not left yet. */
  readonly bufferedAmount: number
  addEventListener(type: 'open' | 'error', listener: (event: unknown) => void): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
  addEventListener(
    type: 'close',
    listener: (event: { readonly code: number; readonly reason: string }) => void,
  ): void
  send(data: Uint8Array<ArrayBuffer>): void
  close(code?: number, reason?: string): void
}

/**
 * Begins to connect. Binary messages must arrive as `ArrayBuffer`.
 * Give your own to `connect` where neither the native WebSocket nor `ws` will do.
 */
export type OpenWebSocket = (url: string) => WebSocketLike
