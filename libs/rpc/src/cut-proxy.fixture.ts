import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** A TCP proxy that a test cuts, so that a healthy server is out of reach for one client only. */
export class CutProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #targetPort: number
  #cut = false

  private constructor(targetPort: number) {
    this.#targetPort = targetPort
    this.#server = createServer((client) => this.#accept(client))
  }

  /** Listens on a free port of this machine. */
  static async to(targetPort: number): Promise<CutProxy> {
    const proxy = new CutProxy(targetPort)
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Stops reading from both sides: what they send stays with them. */
  pause(): void {
    for (const socket of this.#sockets) socket.pause()
  }

  resume(): void {
    for (const socket of this.#sockets) socket.resume()
  }

  /** Ends all connections; new ones end at once. */
  cut(): void {
    this.#cut = true
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Lets connections through again, to another server if asked. */
  mend(targetPort = this.#targetPort): void {
    this.#targetPort = targetPort
    this.#cut = false
  }

  async close(): Promise<void> {
    this.cut()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #accept(client: Socket): void {
    if (this.#cut) return void client.destroy()
    const target = connect(this.#targetPort, '127.0.0.1')
    for (const [socket, other] of [
      [client, target],
      [target, client],
    ] as const) {
      this.#sockets.add(socket)
      socket.pipe(other)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        this.#sockets.delete(socket)
        other.destroy()
      })
    }
  }
}
