import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { services } from '@hydra/protocol'
import { dirVariable, eventually, findBinary, startServers, type ServerSet } from '@hydra/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startOtlpReceiver, type OtlpReceiver } from '../e2e/otlp-receiver.ts'
import { realBackends } from '../e2e/real-cluster.ts'
import { overviewDashboard } from './dashboard/dashboard.ts'
import { plainPromql, queriesOf, type DashboardJson } from './dashboard/dashboard-queries.ts'
import { startPlayedCluster, type PlayedCluster } from './played-cluster.fixture.ts'
import { startPrometheus, type PrometheusProcess } from './prometheus-process.fixture.ts'

const folder = join(import.meta.dirname, '../../../data/observability/prometheus')
const rulesFile = join(folder, 'alerts.yml')
const promtool = findBinary('promtool')
const prometheus = findBinary('prometheus')

/** Queries that a healthy cluster in which bots play need not have data for, by panel and legend, and why. */
const mayBeEmpty: Readonly<Record<string, string>> = {
  'Refused requests by code: {{code}}': 'no request has to be refused',
  'Players who came back: {{outcome}}': 'no bot has to lose its connection',
  'Kicks by reason: {{reason}}': 'nobody is kicked',
  'Refused and dropped: rate limit of {{scope}}': 'bots keep to the limits',
  'Refused and dropped: dropped: {{reason}}': 'everybody reads what is sent',
  'Failed calls by code: {{service}} {{code}}': 'no call has to fail',
  'Lost replies and frames: dropped {{service}} {{reason}}': 'nothing is malformed or unsendable',
  'Roles that left: {{reason}} {{outcome}}': 'nobody has to leave',
  'Refusals that smell of cheating: {{route}} {{code}}': 'bots do not cheat',
  'Ownership: ownership {{outcome}}': 'roles stay where they are',
  'Not told: chat {{route}} {{code}}': 'chat answers',
  'Not told: scene {{code}} {{outcome}}': 'gates answer',
  'Not told: role {{code}}': 'gates answer',
  'Teams, days, payments: team {{reason}}': 'bots do not have to team up',
  'Teams, days, payments: payments {{outcome}}': 'nobody leaves payments half done',
  'Presence: went: {{outcome}}': 'nobody has to leave',
  'Presence: swept: {{gone}}': 'no gate dies',
}

describe.skipIf(promtool === undefined)('promtool (left out where there is none)', () => {
  const run = (...args: string[]) => promisify(execFile)(promtool ?? '', args, { cwd: folder })

  it('takes rules and configurations', async () => {
    await run('check', 'rules', 'alerts.yml')
    for (const file of ['prometheus.yml', 'prometheus.local.yml']) await run('check', 'config', file)
  })

  it('sees the alerts fire, and not fire, as alerts.test.yml says', async () => {
    expect((await run('test', 'rules', 'alerts.test.yml')).stdout).toContain('SUCCESS')
  })
})

describe.skipIf(prometheus === undefined).each(realBackends())(
  'a Prometheus (left out where there is none) that scrapes processes on $name',
  ({ backends }) => {
    let servers: ServerSet<'mysql' | 'nats'>
    let played: PlayedCluster
    let monitor: PrometheusProcess
    let eventLog: string
    let receiver: OtlpReceiver
    beforeAll(async () => {
      eventLog = await mkdtemp(join(process.env[dirVariable] ?? tmpdir(), 'events-'))
      receiver = await startOtlpReceiver()
      servers = await startServers({ which: ['mysql', 'nats'] })
      // Also how long the game server stands still below: 50 steps of scenes.
      const settings = {
        HYDRA_CLUSTER_LEASE_TTL_SECONDS: '5',
        HYDRA_GAME_EVENT_LOG_DIRECTORY: eventLog,
        HYDRA_TRACING_ENDPOINT: receiver.endpoint,
      }
      played = await startPlayedCluster(
        { ...backends, mysqlUrl: servers.mysql.url, natsUrl: servers.nats.url },
        { bots: 10, env: settings },
      )
      monitor = await startPrometheus({ binary: prometheus ?? '', addresses: played.addresses, rulesFile })
    }, 90_000)
    afterAll(async () => {
      await monitor.stop()
      await played.stop()
      await servers.close()
      await receiver.close()
      await rm(eventLog, { recursive: true, force: true })
    }, 60_000)

    const fires = (name: string, labels: Readonly<Record<string, string>> = {}) =>
      eventually(
        async () =>
          (await monitor.firing()).find(
            (alert) =>
              alert.name === name &&
              Object.entries(labels).every(([key, value]) => alert.labels[key] === value),
          ),
        { timeoutMs: 30_000, intervalMs: 200 },
      )
    const firesNoMore = (name: string) =>
      eventually(async () => !(await monitor.firing()).some((alert) => alert.name === name), {
        timeoutMs: 30_000,
        intervalMs: 200,
      })

    it(
      'has data for every query of the dashboard, but for what need not happen',
      { timeout: 90_000 },
      async () => {
        const queries = queriesOf(JSON.parse(overviewDashboard()) as DashboardJson).filter(
          // Nothing starts anew.
          ({ title }) => title !== 'Starts',
        )
        await eventually(
          async () => {
            // Bots ask http once, when they begin; a rate needs two scrapes with something in between.
            await fetch(`${played.cluster.httpUrl}/serverList?serverType=gate`)
            const empty = await Promise.all(
              queries.map(async ({ title, legend, expr }) => {
                const series = await monitor.query(plainPromql(expr, '15s'))
                const hasData = series.some(({ value }) => value[1] !== 'NaN')
                return hasData || `${title}: ${legend}` in mayBeEmpty ? [] : [`${title}: ${expr}`]
              }),
            )
            if (empty.flat().length > 0) throw new Error(`No data:\n${empty.flat().join('\n')}`)
            return true
          },
          { timeoutMs: 60_000, intervalMs: 1_000 },
        )
      },
    )

    it.skipIf(promtool === undefined).each(services)(
      'promtool finds nothing wrong with what %s exports',
      async (service) => {
        const text = await (await fetch(`http://${played.addresses[service]}/metrics`)).text()
        // What prom-client adds is not ours to name.
        const ours = text.split('\n').filter((line) => /^(# \w+ )?hydra_/.test(line))
        expect(ours.length).toBeGreaterThan(50)
        const { stderr, status } = spawnSync(promtool ?? '', ['check', 'metrics'], {
          input: `${ours.join('\n')}\n`,
        })
        expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: '' })
      },
    )

    it('excuses only queries that there are', () => {
      const all = queriesOf(JSON.parse(overviewDashboard()) as DashboardJson)
      expect(all.map(({ title, legend }) => `${title}: ${legend}`)).toEqual(
        expect.arrayContaining(Object.keys(mayBeEmpty)),
      )
    })

    it('fires nothing critical while all is well', async () => {
      const critical = (await monitor.firing()).filter(({ labels }) => labels['severity'] === 'critical')
      expect(critical).toEqual([])
    })

    it('fires when a game server stands still and leaves out steps', { timeout: 60_000 }, async () => {
      const { pid } = played.processes.game
      process.kill(pid, 'SIGSTOP')
      try {
        await fires('HydraServiceDown', { service: 'game' })
        const seen = 'hydra_registry_servers{service="gate", type="game", state="ready"}'
        await eventually(async () => (await monitor.query(seen))[0]?.value[1] === '0', {
          timeoutMs: 20_000,
          intervalMs: 200,
        })
      } finally {
        process.kill(pid, 'SIGCONT')
      }
      await fires('HydraScenesLate', { service: 'game' })
      await fires('HydraLeaseLost', { service: 'game' })
      await firesNoMore('HydraServiceDown')
    })

    it('fires when MySQL goes, and is content when it is back', { timeout: 90_000 }, async () => {
      await servers.mysql.kill()
      await fires('HydraBackendDown', { check: 'mysql' })
      await fires('HydraRoleQueueDatabaseAway', { service: 'game' })
      await servers.mysql.restart()
      await firesNoMore('HydraRoleQueueDatabaseAway')
      await firesNoMore('HydraBackendDown')
    })

    it('fires when NATS goes, and is content when it is back', { timeout: 90_000 }, async () => {
      await servers.nats.kill()
      for (const service of services) await fires('HydraBusDisconnected', { service })
      await fires('HydraBackendDown', { check: 'nats' })
      await servers.nats.restart()
      await firesNoMore('HydraBusDisconnected')
    })

    it('fires when a service dies', { timeout: 60_000 }, async () => {
      await played.processes.chat.end('SIGKILL')
      const { summary } = await fires('HydraServiceGone', { service: 'chat' })
      expect(summary).toBe('No process of chat is left')
      await fires('HydraServiceDown', { service: 'chat' })
    })
  },
)
