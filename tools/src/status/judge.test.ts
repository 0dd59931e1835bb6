import { describe, expect, test } from 'vitest'
import { internalProtocol } from '@hydra/rpc'
import { complaintsOf } from './judge.ts'
import type { SeenBackend, SeenCluster, SeenService } from './look.ts'
import { parseSamples } from './scrape.ts'
import { statusText } from './table.ts'

const nowMs = 100_000
const service = (name: string, change: Partial<SeenService> = {}): SeenService => ({
  name,
  service: name.startsWith('gate') ? 'gate' : 'game',
  pid: 7,
  stage: 'ready',
  reason: undefined,
  startedAtMs: 40_000,
  exit: undefined,
  memoryBytes: 104_857_600,
  url: `ws://${name}`,
  builtAtMs: 1,
  samples: parseSamples(
    '# HELP hydra_gate_connections x\nhydra_gate_connections{transport="ws"} 2\nhydra_gate_connections{transport="tcp"} 1\n',
  ),
  ...change,
})
const redis = (change: Partial<SeenBackend> = {}): SeenBackend => ({
  name: 'redis',
  pid: 8,
  stage: 'ready',
  reason: undefined,
  startedAtMs: 40_000,
  exit: undefined,
  memoryBytes: undefined,
  url: '127.0.0.1:6379',
  ...change,
})
const record = (id: string, type: 'gate' | 'game') =>
  ({
    id,
    type,
    zone: 'a',
    host: 'b',
    state: 'ready',
    metadata: {},
    startedAtMs: 1,
    protocol: internalProtocol,
  }) as const
const cluster = (change: Partial<SeenCluster> = {}): SeenCluster => ({
  state: {
    version: 1,
    phase: 'running',
    startedAtMs: 1,
    stopTimeoutMs: 1,
    supervisor: { pid: 5, url: 'http://127.0.0.1:1', token: 't' },
    env: 'local',
    keyPrefix: 'hydra:local:',
    gateUrls: [],
    wanted: { gate: 1, http: 0, game: 1, chat: 0 },
    backends: [],
    services: [],
  },
  supervisor: 'running',
  services: [service('gate-1'), service('game-1')],
  backends: [redis()],
  registry: {
    kind: 'listed',
    servers: { gate: [record('1', 'gate')], game: [record('2', 'game')], http: [], chat: [] },
  },
  ...change,
})
const killed = { code: null, signal: 'SIGKILL', atMs: nowMs - 3_000 }

describe('the verdict', () => {
  test('is good when all that was asked for is ready and listed', () => {
    expect(complaintsOf(cluster(), nowMs)).toEqual([])
    const text = statusText(cluster(), [], nowMs)
    expect(text).toMatch(/^gate-1 +7 +ready +1 min 0 s +100 MiB +ws:\/\/gate-1 +3 connections$/m)
    expect(text).toContain('All is as asked.')
  })

  test('names what has ended, and how', () => {
    const services = [service('gate-1'), service('game-1', { stage: 'exited', exit: killed })]
    expect(complaintsOf(cluster({ services }), nowMs)).toEqual([
      'game-1 was ended by SIGKILL 3 s ago.',
      'The registry lists 1 game, and 0 run (one that was killed stays for some seconds).',
    ])
    const ended = [
      service('game-1', { stage: 'exited' }),
      service('gate-1', { stage: 'exited', exit: { ...killed, code: 70, signal: null } }),
    ]
    expect(complaintsOf(cluster({ services: ended }), nowMs).slice(0, 2)).toEqual([
      'gate-1 ended with exit code 70 3 s ago.',
      'game-1 has ended.',
    ])
  })

  test('names what is not ready, missing, or not listed', () => {
    const services = [service('game-1', { stage: 'failing', reason: 'mysql: refused' })]
    expect(complaintsOf(cluster({ services }), nowMs)).toEqual([
      '1 gate were asked for, and 0 were started.',
      'game-1 is not ready: failing (mysql: refused).',
      'The registry lists 1 gate, and 0 run (one that was killed stays for some seconds).',
    ])
  })

  test('one that is replaced is no fault while there is a successor', () => {
    const services = [service('gate-1'), service('game-1'), service('game-1', { stage: 'draining' })]
    const { registry } = cluster()
    if (registry.kind === 'silent') throw new Error('it is listed')
    const servers = { ...registry.servers, game: [record('2', 'game'), record('3', 'game')] }
    expect(complaintsOf(cluster({ services, registry: { kind: 'listed', servers } }), nowMs)).toEqual([])
  })

  test('names servers, the registry and the supervisor', () => {
    const exited = cluster({ backends: [redis({ stage: 'exited', exit: killed })] })
    expect(complaintsOf(exited, nowMs)).toEqual(['Redis was ended by SIGKILL 3 s ago.'])
    const silent = cluster({
      backends: [redis({ stage: 'silent', reason: '127.0.0.1:1 cannot be reached (refused).' })],
      registry: { kind: 'silent', reason: 'no answer' },
    })
    expect(complaintsOf(silent, nowMs)).toEqual([
      'Redis does not answer: 127.0.0.1:1 cannot be reached (refused).',
      'The registry cannot be read: no answer.',
    ])
    expect(complaintsOf(cluster({ supervisor: 'gone' }), nowMs)).toEqual([
      expect.stringContaining('(process 5) was killed'),
    ])
    expect(complaintsOf(cluster({ supervisor: 'silent' }), nowMs)).toEqual([
      'The supervisor (process 5) does not answer.',
    ])
    const { state } = cluster()
    expect(complaintsOf(cluster({ state: { ...state, phase: 'stopping' } }), nowMs)).toEqual([
      'The cluster is stopping.',
    ])
  })
})
