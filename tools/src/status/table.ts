import { services } from '@hydra/protocol'
import { serverTitles } from '../test/backends.ts'
import { ago, duration } from './durations.ts'
import type { SeenBackend, SeenCluster, SeenProcess, SeenService } from './look.ts'
import type { Samples } from './scrape.ts'

const heads = ['name', 'process', 'state', 'since', 'memory', 'address', 'has'] as const

/** A cluster as a table for people, what is wrong below it. */
export function statusText(cluster: SeenCluster, complaints: readonly string[], nowMs: number): string {
  const rows = [
    ...cluster.backends.map((backend) => backendRow(backend, nowMs)),
    ...inOrder(cluster.services).map((service) => serviceRow(service, nowMs)),
  ]
  const verdict = complaints.length === 0 ? ['All is as asked.'] : complaints.map((text) => `! ${text}`)
  return [...table([heads, ...rows]), '', registryLine(cluster), ...verdict].join('\n')
}

/** For `--json`: the same, and what was measured. */
export const statusJson = (cluster: SeenCluster, complaints: readonly string[]): object => ({
  ok: complaints.length === 0,
  complaints,
  phase: cluster.state.phase,
  supervisor: { state: cluster.supervisor, pid: cluster.state.supervisor.pid },
  wanted: cluster.state.wanted,
  httpUrl: cluster.state.httpUrl,
  gateUrls: cluster.state.gateUrls,
  backends: cluster.backends,
  services: cluster.services.map(({ samples, ...service }) => ({
    ...service,
    metrics: Object.fromEntries(samples ?? []),
  })),
  registry:
    cluster.registry.kind === 'listed'
      ? Object.fromEntries(
          Object.entries(cluster.registry.servers).map(([service, servers]) => [service, servers.length]),
        )
      : cluster.registry.reason,
})

function serviceRow(service: SeenService, nowMs: number): readonly string[] {
  return [...processCells(service, nowMs), service.url, load(service.service, service.samples)]
}

const backendRow = (backend: SeenBackend, nowMs: number): readonly string[] => [
  ...processCells(backend, nowMs),
  backend.url,
  backend.pid === undefined ? 'given' : serverTitles[backend.name],
]

function processCells(
  seen: Omit<SeenProcess, 'pid' | 'startedAtMs'> & {
    readonly pid: number | undefined
    readonly startedAtMs: number | undefined
  },
  nowMs: number,
): readonly string[] {
  const { name, pid, stage, exit, startedAtMs, memoryBytes } = seen
  const how = exit === undefined ? stage : `${stage} (${exit.signal ?? exit.code})`
  const since =
    exit !== undefined
      ? ago(nowMs - exit.atMs)
      : startedAtMs === undefined
        ? ''
        : duration(nowMs - startedAtMs)
  const memory = memoryBytes === undefined ? '' : `${Math.round(memoryBytes / 1_048_576)} MiB`
  return [name, pid === undefined ? '' : String(pid), how, since, memory]
}

/** What a service has to do with players. */
function load(service: SeenService['service'], samples: Samples | undefined): string {
  if (samples === undefined) return ''
  const count = (name: string, one: string): string => {
    const value = samples.get(name) ?? 0
    return `${value} ${one}${value === 1 ? '' : 's'}`
  }
  if (service === 'gate') return count('hydra_gate_connections', 'connection')
  if (service === 'game') {
    return `${count('hydra_game_actors', 'role')}, ${count('hydra_scene_players', 'player')} in scenes`
  }
  if (service === 'chat') return count('hydra_chat_messages_total', 'message')
  return count('hydra_http_requests_total', 'request')
}

function registryLine({ registry }: SeenCluster): string {
  if (registry.kind === 'silent') return `registry: not readable (${registry.reason})`
  const list = services.map((service) => {
    const draining = registry.servers[service].filter(({ state }) => state === 'draining').length
    return `${registry.servers[service].length} ${service}${draining > 0 ? ` (${draining} draining)` : ''}`
  })
  return `registry: ${list.join(', ')}`
}

const inOrder = (processes: readonly SeenService[]): readonly SeenService[] =>
  services.flatMap((service) =>
    processes
      .filter((each) => each.service === service)
      .toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true })),
  )

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = heads.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
