import { uniqueName } from '@hydra/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { deferred } from '../deferred.fixture.ts'
import type { Bus } from './bus.ts'

/** Two ends of one bus: of two connections, or the same one where a process has only one. */
export interface BusPair {
  readonly publisher: Bus
  readonly subscriber: Bus
}

/** Bounds that the suite can reach. */
export interface BusContractOptions {
  readonly maxBufferedBytes: number
}

/** What every bus driver promises. `open` is called for each test. */
export function busContract(open: (options: BusContractOptions) => Promise<BusPair>): void {
  const maxBufferedBytes = 4 * 1024 * 1024
  let publisher: Bus
  let subscriber: Bus
  let subject: string

  beforeEach(async () => {
    ;({ publisher, subscriber } = await open({ maxBufferedBytes }))
    subject = `hydra.${uniqueName('bus')}.a`
  })
  afterEach(async () => {
    await publisher.close()
    await subscriber.close()
  })

  const bytes = (...values: number[]) => Uint8Array.from(values)
  const mark = (count: number) => new Uint8Array(Uint32Array.of(count).buffer)
  const readMark = (payload: Uint8Array) =>
    new DataView(payload.buffer, payload.byteOffset).getUint32(0, true)

  /** Subscribes and collects; `until` resolves once so many have come. */
  async function collect(bus: Bus, of: string, queue?: string) {
    const payloads: Uint8Array[] = []
    const waiters: { count: number; wake: () => void }[] = []
    const subscription = await bus.subscribe(
      of,
      (payload) => {
        payloads.push(payload)
        for (const { count, wake } of waiters) if (payloads.length >= count) wake()
      },
      queue === undefined ? {} : { queue },
    )
    const until = (count: number) =>
      new Promise<void>((resolve) => {
        if (payloads.length >= count) resolve()
        else waiters.push({ count, wake: resolve })
      })
    return { payloads, until, unsubscribe: () => subscription.unsubscribe() }
  }

  /** What is sent afterwards on the subject is behind everything sent before: its arrival ends all waiting. */
  async function settled(): Promise<void> {
    const end = await collect(subscriber, `${subject}.end`)
    publisher.publish(`${subject}.end`, bytes(0))
    await end.until(1)
    end.unsubscribe()
  }

  test('delivers bytes to every subscriber of the subject and to nobody else', async () => {
    const first = await collect(subscriber, subject)
    const second = await collect(publisher, subject)
    const other = await collect(subscriber, `${subject}.b`)
    publisher.publish(subject, bytes(1, 2, 255))
    publisher.publish(subject, bytes())
    await Promise.all([first.until(2), second.until(2)])
    expect(first.payloads.map((payload) => Array.from(payload))).toEqual([[1, 2, 255], []])
    expect(second.payloads.map((payload) => Array.from(payload))).toEqual([[1, 2, 255], []])
    await settled()
    expect(other.payloads).toEqual([])
  })

  test('gives each subscriber bytes of its own', async () => {
    const first = await collect(subscriber, subject)
    const second = await collect(subscriber, subject)
    const sent = bytes(7, 7)
    publisher.publish(subject, sent)
    await Promise.all([first.until(1), second.until(1)])
    first.payloads[0]?.fill(1)
    expect([...(second.payloads[0] ?? [])]).toEqual([7, 7])
    expect([...sent]).toEqual([7, 7])
  })

  test('never delivers before publish returns', async () => {
    const received = await collect(publisher, subject)
    publisher.publish(subject, bytes(1))
    expect(received.payloads).toEqual([])
    await received.until(1)
  })

  test('keeps the order of a publisher, across subjects too', async () => {
    const order: number[] = []
    const done = new Promise<void>((resolve) => {
      const note = (payload: Uint8Array) => {
        order.push(readMark(payload))
        if (order.length === 2_000) resolve()
      }
      void subscriber.subscribe(`${subject}.0`, note)
      void subscriber.subscribe(`${subject}.1`, note)
      void subscriber.subscribe(`${subject}.2`, note)
    })
    await subscriber.flush()
    for (let count = 0; count < 2_000; count++) {
      publisher.publish(`${subject}.${count % 3}`, mark(count))
      if (count % 500 === 0) await publisher.flush()
    }
    await done
    expect(order).toEqual(Array.from({ length: 2_000 }, (_, count) => count))
  })

  test('what a delivery sets going through promises is done before the next message is delivered', async () => {
    const order: string[] = []
    const done = deferred()
    const slow = async () => {
      for (let hop = 0; hop < 20; hop++) await Promise.resolve()
      order.push('slow')
    }
    await subscriber.subscribe(`${subject}.slow`, () => void slow())
    await subscriber.subscribe(`${subject}.fast`, () => {
      order.push('fast')
      if (order.length === 40) done.resolve()
    })
    for (let count = 0; count < 20; count++) {
      publisher.publish(`${subject}.slow`, bytes(1))
      publisher.publish(`${subject}.fast`, bytes(1))
    }
    await done.promise
    expect(order).toEqual(Array.from({ length: 20 }, () => ['slow', 'fast']).flat())
  })

  test('a resolved subscription misses nothing', async () => {
    for (let round = 0; round < 20; round++) {
      const received = await collect(subscriber, `${subject}.${round}`)
      publisher.publish(`${subject}.${round}`, bytes(round))
      await received.until(1)
      received.unsubscribe()
    }
  })

  test('hands each message to one member of a queue group and to all others', async () => {
    const members = await Promise.all([
      collect(subscriber, subject, 'workers'),
      collect(subscriber, subject, 'workers'),
      collect(publisher, subject, 'workers'),
    ])
    const otherGroup = await collect(subscriber, subject, 'others')
    const plain = await collect(subscriber, subject)
    for (let count = 0; count < 300; count++) publisher.publish(subject, mark(count))
    await Promise.all([plain.until(300), otherGroup.until(300)])
    await settled()
    await publisher.flush()
    const shared = members.flatMap(({ payloads }) => payloads.map(readMark)).sort((a, b) => a - b)
    expect(shared).toEqual(Array.from({ length: 300 }, (_, count) => count))
    for (const { payloads } of members) expect(payloads.length).toBeGreaterThan(0)
  })

  test('stops after unsubscribe', async () => {
    const received = await collect(subscriber, subject)
    publisher.publish(subject, bytes(1))
    await received.until(1)
    received.unsubscribe()
    received.unsubscribe()
    await subscriber.flush()
    publisher.publish(subject, bytes(2))
    await settled()
    expect(received.payloads).toHaveLength(1)
  })

  test('tells when nobody was subscribed, and only then', async () => {
    const received = await collect(subscriber, subject)
    const told: string[] = []
    publisher.publish(subject, bytes(1), { onNoResponders: () => told.push('somebody') })
    const nobody = new Promise<void>((resolve) => {
      publisher.publish(`${subject}.nobody`, bytes(1), {
        onNoResponders: () => {
          told.push('nobody')
          resolve()
        },
      })
    })
    expect(told).toEqual([])
    await Promise.all([nobody, received.until(1)])
    await publisher.flush()
    expect(told).toEqual(['nobody'])
  })

  test('refuses payloads beyond its limit and takes those at it', async () => {
    const received = await collect(subscriber, subject)
    const { maxPayloadBytes } = publisher
    expect(() => publisher.publish(subject, new Uint8Array(maxPayloadBytes + 1))).toThrow(
      expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE' }),
    )
    const largest = new Uint8Array(maxPayloadBytes)
    largest[maxPayloadBytes - 1] = 9
    publisher.publish(subject, largest)
    await received.until(1)
    expect(received.payloads[0]).toHaveLength(maxPayloadBytes)
    expect(received.payloads[0]?.at(-1)).toBe(9)
  })

  test('refuses what it cannot hold, and goes on after a pause', async () => {
    const part = new Uint8Array(256 * 1024)
    let sent = 0
    const fill = () => {
      for (; sent < 100; sent++) publisher.publish(subject, part)
    }
    expect(fill).toThrow(expect.objectContaining({ code: 'SERVER_BUSY' }))
    expect(sent).toBe(maxBufferedBytes / part.length)
    await publisher.flush()
    const received = await collect(subscriber, subject)
    publisher.publish(subject, part)
    await received.until(1)
  })

  test('survives a listener that throws', async () => {
    await subscriber.subscribe(subject, () => {
      throw new Error('a defect in a listener')
    })
    const received = await collect(subscriber, subject)
    publisher.publish(subject, bytes(1))
    publisher.publish(subject, bytes(2))
    await received.until(2)
    expect(received.payloads.map((payload) => payload[0])).toEqual([1, 2])
  })

  test('delivers what is under way when it is closed, then refuses', async () => {
    const received = await collect(subscriber, subject)
    const changes: boolean[] = []
    publisher.onConnectedChange((connected) => changes.push(connected))
    const unheard: boolean[] = []
    publisher.onConnectedChange((connected) => unheard.push(connected))()
    for (let count = 0; count < 100; count++) publisher.publish(subject, mark(count))
    await Promise.all([publisher.close(), publisher.close(), received.until(100)])
    expect(changes).toEqual([false])
    expect(unheard).toEqual([])
    expect(publisher.connected).toBe(false)
    expect(() => publisher.publish(subject, bytes(1))).toThrow(
      expect.objectContaining({ code: 'SERVER_GONE' }),
    )
    await expect(publisher.subscribe(subject, () => {})).rejects.toMatchObject({ code: 'SERVER_GONE' })
  })
}
