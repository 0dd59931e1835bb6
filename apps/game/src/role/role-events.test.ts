import { events } from '@hydra/protocol'
import { createMemoryCluster } from '@hydra/rpc'
import { createCountingIds, createLogger, ManualClock } from '@hydra/runtime'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nextTurn } from '../test-support/faults.ts'
import { openTestPeer } from '../test-support/test-peer.ts'
import { newRole, renamed } from './role.ts'
import { RoleEvents } from './role-events.ts'

const ada = newRole({ rid: 'r1', uid: 'u1', name: 'Ada' }, 1_000)
const session = { sessionId: 's1', gateId: 'gate-1', epoch: 1 }

describe('the events of roles', () => {
  let peers: Awaited<ReturnType<typeof openTestPeer>>[]
  let told: RoleEvents
  let heard: [string, unknown][]
  let lines: string[]

  beforeEach(async () => {
    const cluster = createMemoryCluster()
    const options = { env: 'test', cluster, clock: new ManualClock(), ids: createCountingIds('server') }
    const peer = await openTestPeer({ ...options, type: 'game' })
    const listener = await openTestPeer({ ...options, type: 'chat' })
    peers = [peer, listener]
    heard = []
    lines = []
    for (const event of Object.values(events.game.role)) {
      await listener.on(event, (payload) => void heard.push([event.name, payload]))
    }
    const log = createLogger({ level: 'debug', write: (line) => lines.push(line) })
    told = new RoleEvents({ peer, log })
  })
  afterEach(async () => {
    await Promise.all(peers.map((peer) => peer.close(0)))
  })

  const arrived = async () => {
    for (let turn = 0; turn < 5; turn++) await nextTurn()
    return heard
  }

  it('say what the contracts promise', async () => {
    told.created(ada)
    told.entered(ada, session)
    told.left({ rid: 'r1', uid: 'u1', sessionId: 's1', reason: 'LOGGED_OUT', epoch: 3, version: 4 })
    expect(await arrived()).toEqual([
      ['game.role.created', { rid: 'r1', uid: 'u1', name: 'Ada' }],
      [
        'game.role.entered',
        { rid: 'r1', uid: 'u1', name: 'Ada', level: 1, sessionId: 's1', gateId: 'gate-1' },
      ],
      [
        'game.role.left',
        { rid: 'r1', uid: 'u1', sessionId: 's1', reason: 'LOGGED_OUT', epoch: 3, version: 4 },
      ],
    ])
  })

  it('tell of name and level by themselves, and of nothing that is the same', async () => {
    const grace = renamed(ada, 'Grace')
    told.changed(ada, grace)
    told.changed(grace, { ...grace, level: 3 })
    told.changed(ada, { ...grace, level: 2 })
    told.changed(ada, { ...ada, exp: 5 })
    expect(await arrived()).toEqual([
      ['game.role.renamed', { rid: 'r1', uid: 'u1', name: 'Grace', former: 'Ada' }],
      ['game.role.levelChanged', { rid: 'r1', uid: 'u1', level: 3, former: 1 }],
      ['game.role.renamed', { rid: 'r1', uid: 'u1', name: 'Grace', former: 'Ada' }],
      ['game.role.levelChanged', { rid: 'r1', uid: 'u1', level: 2, former: 1 }],
    ])
  })

  it('that cannot be sent are logged and fail nothing', async () => {
    await Promise.all(peers.map((peer) => peer.close(0)))
    told.created(ada)
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { level: 'warn', event: 'game.role.created' },
    ])
  })
})
