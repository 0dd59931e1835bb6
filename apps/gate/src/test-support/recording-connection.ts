import type { Connection } from '../socket/connection.ts'

/** A connection that leads nowhere and notes what is done to it, for tests that need thousands of them. */
export class RecordingConnection implements Connection {
  readonly transport = 'ws'
  readonly remoteAddress: string
  readonly sent: Uint8Array[] = []
  readonly topics = new Set<string>()
  readonly bufferedBytes = 0
  ended: { readonly code: number; readonly reason: string } | undefined

  constructor(remoteAddress = '192.0.2.1') {
    this.remoteAddress = remoteAddress
  }

  send(packet: Uint8Array): boolean {
    if (this.ended !== undefined) return false
    this.sent.push(packet)
    return true
  }

  close(code: number, reason: string): void {
    this.ended ??= { code, reason }
  }

  terminate(): void {
    this.ended ??= { code: 1006, reason: '' }
  }

  subscribe(topic: string): void {
    this.topics.add(topic)
  }

  unsubscribe(topic: string): void {
    this.topics.delete(topic)
  }

  unsubscribeAll(): void {
    this.topics.clear()
  }
}
