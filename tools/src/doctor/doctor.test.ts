import { gateConfigSchema } from '@hydra/gate'
import { httpConfigSchema } from '@hydra/http'
import { describe, expect, it } from 'vitest'
import { stateOf } from '../cluster/cluster-state.fixture.ts'
import { runHydra } from '../bots/run-hydra.fixture.ts'
import { isFit, runChecks, type NamedFinding } from './check.ts'
import { allChecks } from './checks/index.ts'
import { playPorts } from './checks/ports.ts'
import { fitFiles, fitMachine } from './fit-machine.fixture.ts'
import { reportJson, reportText } from './report.ts'

type Changes = Parameters<typeof fitMachine>[0]

const look = (changes?: Changes) => runChecks(allChecks, fitMachine(changes))

/** What is said of one thing on a machine that differs from a good one. */
const said = async (name: string, changes: Changes): Promise<NamedFinding | undefined> =>
  (await look(changes)).find((each) => each.name === name)

const debian = { ...fitFiles, '/etc/os-release': 'ID=debian' }
const clusterUrl = 'http://127.0.0.1:21001'
const noted = (text: string) => ({ ...fitFiles, '/hydra/.hydra/cluster/state.json': text })
const cluster = noted(JSON.stringify(stateOf({ httpUrl: clusterUrl })))
const without = (...programs: readonly string[]) => ({
  findServer: (name: string) => (programs.includes(name) ? undefined : `/usr/sbin/${name}`),
})

describe('doctor', () => {
  it('finds nothing to say about a machine that has everything', async () => {
    const findings = await look()
    expect(findings.filter(({ verdict }) => verdict !== 'ok')).toEqual([])
    expect(isFit(findings)).toBe(true)
    expect(reportText(findings)).toContain('What it takes to play and to test is there.')
  })

  it.each<[string, Changes, string, string, string]>([
    ['Node.js', { nodeVersion: '20.19.9' }, 'missing', '20.19.9 is too old', 'nvm install'],
    ['Node.js', { nodeVersion: '18.20.0', platform: 'darwin' }, 'missing', 'too old', 'brew install node'],
    ['Node.js', { nodeVersion: '24.1.0' }, 'ok', '24.1.0', ''],
    ['packages', { files: {} }, 'missing', 'package-lock.json is not there', ''],
    [
      'packages',
      { files: { '/hydra/package-lock.json': fitFiles['/hydra/package-lock.json'] ?? '' } },
      'missing',
      'npm ci has not run',
      'npm ci',
    ],
    [
      'packages',
      {
        files: {
          ...fitFiles,
          '/hydra/package-lock.json': '{"packages":{"node_modules/zod":{"version":"5.0.0"}}}',
        },
      },
      'missing',
      '1 of package-lock.json not there, or in another version: zod 5.0.0',
      'npm ci',
    ],
    [
      'packages',
      {
        files: {
          ...fitFiles,
          '/hydra/package-lock.json': '{"packages":{"tools/node_modules/yaml":{"version":"2.9.1"}}}',
          '/hydra/tools/node_modules/yaml/package.json': '{"version":"2.9.0"}',
        },
      },
      'missing',
      '1 of package-lock.json not there, or in another version: yaml 2.9.1',
      'npm ci',
    ],
    [
      'packages',
      {
        files: {
          '/hydra/package-lock.json': '{"packages":{"node_modules/zod":{"version":"5.0.0"}}}',
          '/hydra/node_modules/.package-lock.json': '{"packages":{}}',
          '/hydra/node_modules/zod/package.json': '{"version":"5.0.0"}',
        },
      },
      'ok',
      'as package-lock.json says',
      '',
    ],
    [
      'uWebSockets.js',
      {
        run: async () => ({
          exitCode: 1,
          output: '/x.js:9\n\nError: This version supports only Node.js 20\n  at',
        }),
      },
      'hint',
      'the gate uses the slower ws: Error: This version supports only Node.js 20',
      'glibc 2.38',
    ],
    [
      'ports',
      { isPortFree: async (port) => port !== 3_250 },
      'hint',
      '3250 (gate)',
      'HYDRA_GATE_GATE_PORT=0',
    ],
    [
      'ports',
      { isPortFree: async () => false, answers: async (url) => url === 'http://127.0.0.1:9001' },
      'ok',
      'Hydra runs already',
      '',
    ],
    [
      'ports',
      {
        env: { HYDRA_HTTP_HTTP_PORT: '0', HYDRA_GATE_GATE_PORT: '7000' },
        isPortFree: async (port) => port !== 7_000,
      },
      'hint',
      'taken by something else: 7000 (gate)',
      '',
    ],
    ['disk', { freeBytes: () => 2 ** 29 }, 'hint', '0.5 GiB', 'make room'],
    ['disk', { freeBytes: () => 2 ** 20 }, 'missing', '0.0 GiB', 'make room'],
    ['temporary folder', { freeBytes: () => undefined }, 'missing', 'no folder /tmp', ''],
    ['memory', { memoryBytes: 2 ** 30 }, 'hint', '1.0 GiB', 'one of each'],
    ['state', {}, 'ok', 'none was started', ''],
    [
      'state',
      { files: cluster, answers: async (url) => url === clusterUrl },
      'ok',
      `runs at ${clusterUrl}`,
      '',
    ],
    ['state', { files: noted('{}') }, 'hint', 'is no state of a cluster that this version', ''],
    ['state', { files: cluster }, 'hint', `nothing answers at ${clusterUrl}`, 'npx hydra down'],
    ['open files', { openFilesMax: 256, platform: 'darwin' }, 'hint', '256 for each', 'launchctl'],
    ['open files', { openFilesMax: undefined }, 'ok', 'no limit', ''],
    [
      'etcd',
      { ...without('etcd'), files: debian },
      'missing',
      'etcd not found',
      'sudo apt-get install --no-install-recommends etcd-server',
    ],
    [
      'MariaDB',
      { ...without('mariadb-install-db'), platform: 'darwin' },
      'missing',
      'mariadb-install-db not found',
      'brew install mariadb',
    ],
    ['Redis', { ...without('redis-server'), platform: 'win32' }, 'missing', 'not found', 'WSL'],
    ['NATS', without('nats-server'), 'missing', 'not found', 'HYDRA_TEST_NATS_URL=nats://127.0.0.1:4222'],
    ['NATS', { ...without('nats-server'), canInstall: true }, 'hint', 'npm test installs it', 'nats-server'],
    [
      'NATS',
      { ...without('nats-server'), canInstall: true, env: { HYDRA_TEST_SERVER_PATH: '/opt' } },
      'missing',
      'not found in /opt',
      '',
    ],
    [
      'NATS',
      { ...without('nats-server'), env: { HYDRA_TEST_NATS_URL: 'nats://n:1' } },
      'ok',
      'HYDRA_TEST_NATS_URL',
      '',
    ],
    ['NATS', { ...without('nats-server'), env: { HYDRA_TEST_BACKENDS: 'embedded' } }, 'hint', 'left out', ''],
    [
      'servers',
      { ...without('etcd', 'redis-server'), files: debian },
      'missing',
      'not found: Redis, etcd',
      'redis-server etcd-server',
    ],
    ['servers', { ...without('etcd'), canInstall: true }, 'hint', 'npx hydra up installs them', ''],
    [
      'servers',
      { ...without('etcd'), canInstall: true, env: { HYDRA_TEST_SERVER_PATH: '/opt' } },
      'missing',
      'not found: etcd',
      '',
    ],
    ['servers', { ...without('etcd'), env: { HYDRA_CLUSTER_ETCD_HOSTS: 'http://e:1' } }, 'ok', '', ''],
    ['Docker', { find: () => undefined }, 'hint', 'not found', 'docker.io'],
    ['Docker', { find: () => undefined, platform: 'win32' }, 'hint', 'not found', 'Docker.DockerDesktop'],
    [
      'Docker',
      { run: async () => ({ exitCode: 1, output: 'Cannot connect' }) },
      'hint',
      'does not answer: Cannot connect',
      'systemctl start docker',
    ],
    ['Compose', { find: (name) => (name === 'docker-compose' ? '/bin/dc' : undefined) }, 'ok', '/bin/dc', ''],
    ['Compose', { run: async () => ({ exitCode: 125, output: '' }) }, 'hint', 'not found', 'docker-compose'],
  ])('%s %#: %o', async (name, changes, verdict, detail, help) => {
    const finding = await said(name, changes)
    expect(finding).toMatchObject({ verdict })
    expect(finding?.detail).toContain(detail)
    expect((finding?.help ?? []).join('\n')).toContain(help)
  })

  it('is not content when something is missing that playing or testing needs', async () => {
    const findings = await look(without('etcd'))
    expect(isFit(findings)).toBe(false)
    expect(reportText(findings)).toContain('Missing: etcd (test). What to do is above.')
    expect(JSON.parse(reportJson(findings))).toMatchObject({ ok: false, findings })
  })

  it('is content when a cluster or images would lack something', async () => {
    const given = Object.fromEntries(
      ['MYSQL', 'REDIS', 'NATS', 'ETCD'].map((kind) => [`HYDRA_TEST_${kind}_URL`, 'http://there:1']),
    )
    const findings = await look({ ...without('etcd'), env: given, find: () => undefined })
    expect(findings.find(({ name }) => name === 'servers')?.verdict).toBe('missing')
    expect(isFit(findings)).toBe(true)
  })

  it('takes a check that breaks for something missing, and makes the others', async () => {
    const findings = await look({
      isPortFree: () => Promise.reject(new Error('No sockets here.')),
    })
    expect(findings).toHaveLength(allChecks.length)
    expect(findings.find(({ name }) => name === 'ports')).toMatchObject({
      verdict: 'missing',
      detail: 'could not be looked at: No sockets here.',
    })
  })

  it('looks at the ports that the services have by default', () => {
    const [http, gate] = playPorts
    expect(http.port).toBe(httpConfigSchema.parse({}).http.port)
    expect(gate.port).toBe(gateConfigSchema.parse({}).gate.port)
  })
})

describe('hydra doctor', () => {
  it('looks at this machine', async () => {
    const { code, stdout } = await runHydra(['doctor', '--json'])
    const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: readonly NamedFinding[] }
    expect(findings.map(({ name }) => name)).toEqual(allChecks.map(({ name }) => name))
    expect(findings[0]).toMatchObject({ use: 'play', name: 'Node.js', verdict: 'ok' })
    expect(findings[0]?.detail).toContain(process.versions.node)
    expect(code).toBe(ok ? 0 : 1)
  })

  it('says with its exit code that something is missing', async () => {
    const env = {
      HYDRA_TEST_SERVER_PATH: '/nowhere',
      HYDRA_TEST_BACKENDS: '',
      HYDRA_TEST_ETCD_URL: '',
      HYDRA_TEST_NATS_URL: '',
      HYDRA_TEST_REDIS_URL: '',
      HYDRA_TEST_MYSQL_URL: '',
    }
    const { code, stdout } = await runHydra(['doctor'], { env })
    expect(stdout).toMatch(/^ {2}missing {2}etcd +etcd not found in \/nowhere/m)
    expect(code).toBe(1)
  })

  it('explains itself, and refuses what it does not know', async () => {
    const [help, wrong] = await Promise.all([runHydra(['doctor', '--help']), runHydra(['doctor', '--fix'])])
    expect(help.stdout).toContain('Exit codes:')
    expect([help.code, wrong.code]).toEqual([0, 2])
  })
})
