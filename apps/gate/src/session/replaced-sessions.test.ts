import { HydraError } from '@hydra/protocol'
import { createMemoryStores } from '@hydra/persistence'
import { ManualClock, silentLogger } from '@hydra/runtime'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ReplacedSessions, type ReplacedSessionsOptions } from './replaced-sessions.ts'

const replaced = { uid: 'u1', gateId: 'gate-2', sessionId: 's1', epoch: 1 }

describe('ReplacedSessions', () => {
  const clock = new ManualClock()
  const stores = createMemoryStores({ clock })
  let failures: number
  let connected: boolean
  let known: boolean
  let kicks: number
  let ended: ReplacedSessions

  const options = (): ReplacedSessionsOptions => ({
    gateId: 'gate-1',
    store: {
      release: (uid, sessionId) =>
        failures-- > 0 ? Promise.reject(gone()) : stores.sessions.release(uid, sessionId),
    },
    // None is reached for a session of another gate.
    sessions: unreachable(),
    parked: unreachable(),
    closer: unreachable(),
    // Stands for the way to another gate, which is what fails here.
    peer: {
      call: () => {
        kicks++
        return failures-- > 0 ? Promise.reject(gone()) : Promise.resolve({ found: true } as never)
      },
    },
    registry: {
      get connected() {
        return connected
      },
      get: (id) =>
        known
          ? {
              id,
              type: 'gate',
              zone: 'z',
              host: 'h',
              state: 'ready',
              metadata: {},
              startedAtMs: 0,
              protocol: 1,
            }
          : undefined,
    },
    clock,
    log: silentLogger,
    kickTimeoutMs: 100,
    retry: { firstDelayMs: 100, maxDelayMs: 1_000, giveUpMs: 10_000 },
  })

  beforeEach(() => {
    failures = 0
    kicks = 0
    connected = true
    known = true
    ended = new ReplacedSessions(options())
  })
  afterEach(() => ended.stop())

  it('goes on behind the login until the other gate has heard', async () => {
    failures = 3
    await ended.end(replaced, 'DUPLICATE_LOGIN')
    expect(kicks).toBe(2)
    await vi.waitFor(() => {
      clock.advance(1_000)
      expect(kicks).toBe(4)
    })
    clock.advance(10_000)
    expect(kicks).toBe(4)
  })

  it('does not trust the absence of a gate while the registry is away', async () => {
    known = false
    await ended.end(replaced, 'DUPLICATE_LOGIN')
    expect(kicks).toBe(0)
    connected = false
    await ended.end(replaced, 'DUPLICATE_LOGIN')
    expect(kicks).toBe(1)
  })

  it('takes the record of a failed login back, also at the second try', async () => {
    await stores.sessions.bind({ uid: 'u2', gateId: 'gate-1', sessionId: 's2' })
    failures = 1
    ended.takeBack('u2', 's2')
    await vi.waitFor(async () => {
      clock.advance(1_000)
      expect(await stores.sessions.get('u2')).toBeUndefined()
    })
  })
})

const gone = () => new HydraError('SERVER_GONE', 'The other gate cannot be reached.')

function unreachable(): never {
  return undefined as never
}
