import { createRealCluster, type Backends } from '@hydra/tools'
import { shakeHands } from '../load/player.ts'
import { portOf, unlimited } from '../load/players.ts'
import { LoadSocket } from '../load/web-socket.ts'
import { residentBytes } from '../measure/memory.ts'
import type { Report, Row } from '../measure/report.ts'

/** What to run it on. */
export interface IdleOptions {
  readonly backends: Backends
  readonly connections: number
  /** How long memory may settle before it is read. */
  readonly settleMs: number
}

const openingAtOnce = 64

/** What a gate keeps for connections that have shaken hands and say nothing: process memory for each of them. */
export async function idle({ backends, connections, settleMs }: IdleOptions): Promise<Report> {
  const cluster = await createRealCluster(backends, {
    ...unlimited,
    HYDRA_LIMITS_MAX_CONNECTIONS_PER_IP: '100000',
    HYDRA_GATE_GATE_HEARTBEAT_SECONDS: '3600',
  })
  const sockets: LoadSocket[] = []
  try {
    const gate = await cluster.start('gate')
    const port = portOf(await gate.ready)
    const rows: Row[] = []
    let begun = 0
    const open = async (upTo: number) => {
      const worker = async () => {
        while (begun < upTo) {
          begun++
          sockets.push(await openOne(port))
        }
      }
      await Promise.all(Array.from({ length: Math.min(openingAtOnce, upTo) }, worker))
    }
    const settled = async () => {
      await new Promise((resolve) => setTimeout(resolve, settleMs))
      return residentBytes(gate.pid)
    }
    // The first ones bring code and pools with them that the others share.
    await open(Math.ceil(connections / 20))
    const [first, before] = [sockets.length, await settled()]
    for (const share of [0.5, 1]) {
      await open(first + connections * share)
      const opened = sockets.length - first
      const after = await settled()
      rows.push({
        name: `${opened} more connections`,
        figures: {
          'KiB/connection': (after - before) / opened / 1_024,
          'MiB before': before / 1_048_576,
          'MiB after': after / 1_048_576,
          connections: opened,
        },
      })
    }
    return { benchmark: 'idle', rows }
  } finally {
    for (const socket of sockets) socket.close()
    await cluster.remove()
  }
}

async function openOne(port: number): Promise<LoadSocket> {
  const waiting: ((message: Buffer) => void)[] = []
  const socket = await LoadSocket.open(port, (chunk, start, end) => {
    waiting.shift()?.(Buffer.from(chunk.subarray(start, end)))
  })
  const next = () => new Promise<Buffer>((resolve) => void waiting.push(resolve))
  await shakeHands({ write: (bytes) => socket.write(bytes), next })
  // The first heartbeat says that the gate has seen the acknowledgement.
  await next()
  return socket
}
