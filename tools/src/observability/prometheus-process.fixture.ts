import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { services, type Service } from '@hydra/protocol'
import { dirVariable, eventually, freePorts } from '@hydra/testing'
import { parse, stringify } from 'yaml'

/** A Prometheus that scrapes one process of each service once a second. */
export interface PrometheusProcess {
  /** The series that an instant query answers. @throws Error with Prometheus' own words when it refuses the query. */
  query(expr: string): Promise<readonly Series[]>
  /** The alerts that fire now. */
  firing(): Promise<readonly FiringAlert[]>
  stop(): Promise<void>
}

/** One series of an answer, and its value. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [number, string]
}

/** An alert as Prometheus tells it. */
export interface FiringAlert {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly summary: string
}

interface Answer<T> {
  readonly status: string
  readonly error?: string
  readonly data: T
}

/** Starts `prometheus` with the rules of a file, whose `for` are left out: what a test shows is that they come true. */
export async function startPrometheus(options: {
  readonly binary: string
  readonly addresses: Readonly<Record<Service, string>>
  readonly rulesFile: string
}): Promise<PrometheusProcess> {
  const folder = await mkdtemp(join(process.env[dirVariable] ?? tmpdir(), 'prometheus-'))
  await writeFile(join(folder, 'prometheus.yml'), stringify(configFor(options.addresses)))
  await writeFile(
    join(folder, 'alerts.yml'),
    stringify(withoutWaiting(await readFile(options.rulesFile, 'utf8'))),
  )
  const [port = 0] = await freePorts(1)
  const child = spawn(
    options.binary,
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      // The folder's variable ties it to the run of the tests, which ends it if nobody else does.
      env: { PATH: process.env['PATH'], [dirVariable]: process.env[dirVariable] },
    },
  )
  const errors: string[] = []
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString()))
  const exited = once(child, 'exit')
  const ask = async <T>(path: string): Promise<T> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`)
    const { status, error, data } = (await response.json()) as Answer<T>
    if (status !== 'success') throw new Error(`Prometheus: ${error}`)
    return data
  }
  const stop = async () => {
    if (child.exitCode === null) child.kill('SIGTERM')
    await exited
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await eventually(
      async () => {
        if (child.exitCode !== null) throw new Error(`prometheus has ended: ${errors.join('')}`)
        return (await fetch(`http://127.0.0.1:${port}/-/ready`)).ok
      },
      { timeoutMs: 20_000, intervalMs: 50 },
    )
  } catch (error) {
    await stop()
    throw error
  }
  return {
    async query(expr) {
      const { result } = await ask<{ result: readonly Series[] }>(
        `/api/v1/query?query=${encodeURIComponent(expr)}`,
      )
      return result
    },
    async firing() {
      const { alerts } = await ask<{
        alerts: readonly {
          readonly state: string
          readonly labels: Readonly<Record<string, string>>
          readonly annotations: Readonly<Record<string, string>>
        }[]
      }>('/api/v1/alerts')
      return alerts
        .filter(({ state }) => state === 'firing')
        .map(({ labels, annotations }) => ({
          name: labels['alertname'] ?? '',
          labels,
          summary: annotations['summary'] ?? '',
        }))
    },
    stop,
  }
}

/** As `prometheus.local.yml`, with other addresses and more often. */
const configFor = (addresses: Readonly<Record<Service, string>>) => ({
  global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
  rule_files: ['alerts.yml'],
  scrape_configs: [
    {
      job_name: 'hydra',
      honor_labels: true,
      static_configs: services.map((service) => ({ targets: [addresses[service]], labels: { service } })),
    },
  ],
})

function withoutWaiting(text: string): unknown {
  const file = parse(text) as { readonly groups: readonly { name: string; rules: readonly object[] }[] }
  return {
    groups: file.groups.map(({ name, rules }) => ({
      name,
      rules: rules.map((rule) => ({ ...rule, for: '0s' })),
    })),
  }
}
