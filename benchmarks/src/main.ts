// Runs benchmarks: `npm run bench -- [gate-forward | broadcast | idle | rpc | siege | role-queue | chat | scene | sizing | tracing …] [--seconds N] [--json FILE] [--profile-dir DIR]`. All of them without a name.
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { startReaper, startSharedServers } from '@hydra/testing'
import { realBackends } from '@hydra/tools'
import { broadcast } from './broadcast/broadcast.ts'
import { chat } from './chat/chat.ts'
import { gateForward } from './gate-forward/gate-forward.ts'
import { idle } from './idle/idle.ts'
import { asTable, machine, type Report } from './measure/report.ts'
import { roleQueue } from './role-queue/role-queue.ts'
import { rpc } from './rpc/rpc.ts'
import { scene } from './scene/scene.ts'
import { allAttacks, siege } from './siege/siege.ts'
import { sizing } from './sizing/sizing.ts'
import { allRatios, tracing } from './tracing/tracing.ts'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '4' },
    json: { type: 'string' },
    'profile-dir': { type: 'string' },
  },
})
const measureMs = Number(values.seconds) * 1_000
const names = [
  'gate-forward',
  'broadcast',
  'idle',
  'rpc',
  'siege',
  'role-queue',
  'chat',
  'scene',
  'sizing',
  'tracing',
] as const
const unknown = positionals.filter((given) => !names.some((name) => name === given))
if (unknown.length > 0 || !(measureMs > 0)) {
  console.error(
    `usage: npm run bench -- [${names.join(' | ')}] [--seconds N] [--json FILE] [--profile-dir DIR]`,
  )
  process.exit(2)
}
const wanted = (name: (typeof names)[number]) => positionals.length === 0 || positionals.includes(name)

const reaper = await startReaper()
const reports: Report[] = []
try {
  const servers = await startSharedServers(reaper, process.env)
  Object.assign(process.env, servers.env)
  const nats = servers.started.find(({ kind }) => kind === 'nats')
  const [real] = realBackends()
  if (real === undefined || nats === undefined || !('pid' in nats))
    throw new Error(
      'Benchmarks start their servers themselves: unset HYDRA_TEST_… and install them (README).',
    )
  const { backends } = real
  console.log(`${machine()}\n`)
  const natsPid = Number(nats.pid)
  const duration = { warmUpMs: 2_000, measureMs }
  const note = (report: Report) => {
    reports.push(report)
    console.log(`${asTable(report)}\n`)
  }
  if (wanted('gate-forward')) {
    const shapes = [
      { connections: 200, inFlight: 8 },
      { connections: 100, inFlight: 1 },
    ]
    note(await gateForward({ backends, natsPid, shapes, duration, rounds: 5 }))
  }
  if (wanted('broadcast'))
    note(await broadcast({ backends, natsPid, connections: 5_000, gates: 2, duration }))
  if (wanted('idle')) note(await idle({ backends, connections: 10_000, settleMs: 3_000 }))
  if (wanted('rpc')) {
    for (const inFlight of [1, 256]) note(await rpc({ natsUrl: backends.natsUrl, inFlight, measureMs }))
  }
  if (wanted('siege')) note(await siege({ backends, names: allAttacks, measureMs }))
  if (wanted('role-queue'))
    note(await roleQueue({ roles: 10_000, fewInFlight: 200, changesPerRole: 32, measureMs, rounds: 5 }))
  if (wanted('chat')) {
    const shape = { connections: 50, inFlight: 2 }
    const speakers = [1, 8, 64]
    note(
      await chat({
        backends,
        natsPid,
        listeners: 5_000,
        gates: 2,
        chats: 2,
        speakers,
        shape,
        members: 100,
        duration,
      }),
    )
  }
  if (wanted('sizing')) {
    const settleMs = 5_000
    note(await sizing({ crowd: 'resting', players: 2_000, settleMs, measureMs }))
    note(await sizing({ crowd: 'villagers', players: 200, settleMs, measureMs }))
  }
  if (wanted('scene')) {
    note(
      await scene({
        backends,
        natsPid,
        gates: 2,
        players: [100, 200, 400, 800, 1_200, 1_600, 2_000, 3_000, 4_000],
        views: 10,
        plain: { side: 20_000, cellSize: 2_000, playersMax: 10_000 },
        duration,
        rounds: 3,
        ...(values['profile-dir'] === undefined ? {} : { profileDir: values['profile-dir'] }),
      }),
    )
  }
  if (wanted('tracing')) {
    const shape = { connections: 200, inFlight: 8 }
    note(
      await tracing({
        backends,
        natsPid,
        shape,
        ratios: allRatios,
        batchDelayMs: 1_000,
        // What handles the few that are sampled takes longer to be compiled.
        duration: { ...duration, warmUpMs: 6_000 },
        rounds: 3,
      }),
    )
  }
} finally {
  await reaper.close()
}
if (values.json !== undefined)
  await writeFile(values.json, `${JSON.stringify({ machine: machine(), reports }, null, 2)}\n`)
