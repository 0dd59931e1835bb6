import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { services } from '@hydra/protocol'
import { delay, systemClock } from '@hydra/runtime'
import { parseSamples } from '../status/scrape.ts'
import { background } from './background.ts'
import type { Compose, ContainerState } from './compose.ts'
import { shell } from './shell.ts'

/** What the story is played with. */
export interface StoryOptions {
  readonly compose: Compose
  /** Begins a command line in the network where the edge's ports are. */
  readonly inside: readonly string[]
  readonly signal: AbortSignal
  /** Called as each step begins, and for what it found. */
  readonly step: (title: string) => void
  readonly found: (text: string) => void
}

const root = fileURLToPath(new URL('../../../', import.meta.url))
const httpUrl = 'http://127.0.0.1:9001'
const playersCount = 16
const stayingCount = 4
const opsPorts = { gate: 9101, game: 9102, chat: 9103 }
/** Counts what a server has done for players; each must have done something. */
const workOf = {
  gate: 'hydra_gate_handshakes_total',
  game: 'hydra_game_role_loads_total',
  chat: 'hydra_chat_joins_total',
}

/**
 * Brings the stack up, plays through it from outside, scales it, plays again, kills one server, stops, starts over with
 * what the volumes kept, and takes everything down.
 *
 * @throws Error of the first thing that is not as it should be.
 */
export async function playCompose({ compose, inside, signal, step, found }: StoryOptions): Promise<void> {
  const suffix = randomBytes(3).toString('hex')
  const node = [...inside, process.execPath]
  const program = `${root}/tools/src/verify-compose/players.ts`
  const players = (action: string, count: number, names: string): readonly string[] => {
    const source = ['--conditions=source', '--import', 'tsx', program]
    return [...node, ...source, action, httpUrl, String(count), names]
  }
  const demo = async (): Promise<void> => {
    const command = [...node, `${root}/tools/bin/hydra.mjs`, 'demo', '--http', httpUrl, '--database', 'none']
    found(await shell(command, { signal }))
  }
  const up = async (...args: readonly string[]): Promise<void> => {
    const startMs = performance.now()
    await compose.run('up', '--detach', ...args)
    const containers = await compose.untilHealthy()
    found(`${containers.length} containers healthy after ${seconds(startMs)}: ${list(containers)}`)
  }

  step('docker-compose up --detach')
  await up()
  found(await onePerLine(compose, 'gate', '"transport":"([a-z]+)"', 'socket library of the gate'))
  step('the story, from outside of the containers')
  await demo()

  step('docker-compose up --detach --scale gate=2 --scale game=2 --scale chat=2')
  await up('--scale', 'gate=2', '--scale', 'game=2', '--scale', 'chat=2')
  step(`${playersCount} players arrive at the one address`)
  found(await shell(players('arrive', playersCount, suffix), { signal }))
  for (const [service, metric] of Object.entries(workOf)) {
    found(await sharesOf(compose, service as keyof typeof workOf, metric))
  }
  step('the story again, on two of each')
  await demo()

  step('one game server is killed')
  await killOne(compose, found)

  step('production mode without secrets of its own')
  found(await refusal(compose))

  step('the edge reads its configuration anew; docker-compose stop, while players are there')
  const { rest } = await background(players('stay', stayingCount, `${suffix}s`), signal)
  await compose.run('kill', '-s', 'SIGUSR2', 'edge')
  await delay(systemClock, 3_000)
  const ask = `console.log(await (await fetch('${httpUrl}/serverList?serverType=gate')).text())`
  found(`http still lists ${await shell([...node, '--input-type=module', '--eval', ask], { signal })}`)
  await stopAll(compose, found)
  found(`${stayingCount} players: ${await rest()}`)

  step('docker-compose down, then up again on the volumes')
  await compose.run('down')
  await up('--scale', 'gate=2', '--scale', 'game=2', '--scale', 'chat=2')
  found(`come back: ${await shell(players('come-back', playersCount, suffix), { signal })}`)

  step('docker-compose down --volumes')
  await compose.run('down', '--volumes')
  for (const what of [
    ['ps', '--all'],
    ['volume', 'ls'],
    ['network', 'ls', '--filter', 'type=custom'],
  ]) {
    const left = await compose.docker(...what, '--quiet')
    if (left !== '') throw new Error(`docker ${what.join(' ')} still lists ${left}`)
  }
  found('no container, volume or network is left')
}

/** How much each server of a service has done. @throws Error when one has done nothing. */
async function sharesOf(compose: Compose, service: keyof typeof workOf, metric: string): Promise<string> {
  const shares: string[] = []
  for (const { id, name } of await compose.containers(service)) {
    const url = `http://127.0.0.1:${opsPorts[service]}/metrics`
    const text = await compose.node(id, `console.log(await (await fetch('${url}')).text())`)
    const total = parseSamples(text).get(metric) ?? 0
    if (!(total > 0)) throw new Error(`${name} has done nothing: ${metric} is ${total}`)
    shares.push(`${name} ${total}`)
  }
  return `${metric}: ${shares.join(', ')}`
}

/** SIGKILL of Node.js, below the container's init: the restart policy has to bring the server back. */
async function killOne(compose: Compose, found: StoryOptions['found']): Promise<void> {
  const [victim] = await compose.containers('game')
  if (victim === undefined) throw new Error('There is no game server.')
  const startMs = performance.now()
  const code =
    "const { readFileSync } = await import('node:fs'); process.kill(Number(readFileSync('/proc/1/task/1/children', 'utf8').split(' ')[0]), 'SIGKILL')"
  // The command may be cut off with its container.
  await compose.node(victim.id, code).catch(() => {})
  for (;;) {
    const after = (await compose.containers('game')).find(({ id }) => id === victim.id)
    if (after !== undefined && after.restarts > victim.restarts) break
    if (performance.now() - startMs > 60_000) throw new Error(`${victim.name} was not restarted within 60 s.`)
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  await compose.untilHealthy()
  found(`${victim.name} was restarted and is healthy after ${seconds(startMs)}`)
}

/** What a service says to the public secrets of development, and that it ends with 78. */
async function refusal(compose: Compose): Promise<string> {
  const name = 'hydra-verify-refusal'
  const image = (
    await compose.docker(
      'inspect',
      '--format',
      '{{.Config.Image}}',
      (await compose.containers('http'))[0]?.id ?? '',
    )
  ).trim()
  await compose.docker('run', '--name', name, '--env', 'HYDRA_MODE=production', image).catch(() => {})
  const code = await compose.docker('inspect', '--format', '{{.State.ExitCode}}', name)
  const said = await compose.docker('logs', name)
  await compose.docker('rm', name)
  if (code !== '78') throw new Error(`Expected exit code 78, got ${code}: ${said}`)
  return `exit code 78: ${said}`
}

/** Every service has to end by itself with 0, gates and game servers after a complete drain. */
async function stopAll(compose: Compose, found: StoryOptions['found']): Promise<void> {
  const startMs = performance.now()
  await compose.run('stop')
  found(`stopped within ${seconds(startMs)}`)
  for (const { id, name, exitCode } of await compose.containers()) {
    const log = await compose.docker('logs', '--tail', '40', id)
    const isService = services.some((service) => new RegExp(`[-_]${service}[-_]\\d+$`).test(name))
    const last = log
      .split('\n')
      .filter((line) => /"msg":"(drained|stopped)"/.test(line))
      .map(tellLine)
    found(`${name}: exit code ${exitCode}${last.length > 0 ? `, said ${last.join(', ')}` : ''}`)
    if (isService && exitCode !== 0) throw new Error(`${name} ended with ${exitCode}:\n${log}`)
    if (/[-_](gate|game)[-_]\d+$/.test(name) && !last.some((line) => line.startsWith('drained')))
      throw new Error(`${name} did not drain:\n${log}`)
  }
}

/** What the logs of a service's containers say in one place. */
async function onePerLine(compose: Compose, service: string, pattern: string, what: string): Promise<string> {
  const said: string[] = []
  for (const { id, name } of await compose.containers(service)) {
    const [, value = 'nothing'] = new RegExp(pattern).exec(await compose.docker('logs', id)) ?? []
    said.push(`${name} ${value}`)
  }
  return `${what}: ${said.join(', ')}`
}

/** The message of a line of the log, with its numbers. */
const tellLine = (line: string): string => {
  const { msg, sessions, roles, left, unsaved } = JSON.parse(line) as Record<string, unknown>
  const numbers = Object.entries({ sessions, roles, left, unsaved }).filter(
    ([, value]) => value !== undefined,
  )
  return `${String(msg)}${numbers.length > 0 ? ` (${numbers.map((entry) => entry.join(' ')).join(', ')})` : ''}`
}

const list = (containers: readonly ContainerState[]): string =>
  containers
    .map(({ name }) => name)
    .toSorted()
    .join(', ')

const seconds = (sinceMs: number): string => `${((performance.now() - sinceMs) / 1_000).toFixed(1)} s`
