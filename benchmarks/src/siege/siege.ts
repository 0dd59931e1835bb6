import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createRealCluster, type Backends } from '@hydra/tools'
import { openPlayers, portOf, unlimited } from '../load/players.ts'
import type { Report, Row } from '../measure/report.ts'
import { attacks, type AttackName } from './attacks.ts'
import { WellBehaved, type Service } from './well-behaved.ts'

/** What to run it on. */
export interface SiegeOptions {
  readonly backends: Backends
  readonly names: readonly AttackName[]
  readonly measureMs: number
}

/** Every attack there is. */
export const allAttacks = Object.keys(attacks) as readonly AttackName[]

/** The limits as they are by default, except for what would take minutes to see. */
const settings: Readonly<Record<string, string>> = {
  HYDRA_TOKEN_SECRETS: unlimited['HYDRA_TOKEN_SECRETS'] ?? '',
  HYDRA_GATE_GATE_HEARTBEAT_SECONDS: '1',
  HYDRA_GATE_GATE_HANDSHAKE_TIMEOUT_MS: '1000',
  // Without that of chat: the history that slow readers ask for is to be filled.
  HYDRA_LIMITS_ROUTE_RATES: 'gate.session.login=1/5',
}
const historyMessages = 90

/** How long a player who does nothing wrong waits while others attack its gate. */
export async function siege({ backends, names, measureMs }: SiegeOptions): Promise<Report> {
  const cluster = await createRealCluster(backends, settings)
  const players = await openPlayers(cluster.mysqlUrl)
  try {
    const [gate] = await Promise.all([cluster.start('gate'), cluster.start('game'), cluster.start('chat')])
    const port = portOf(await gate.ready)
    const tokens = await Promise.all(
      Array.from({ length: attacks['slow consumer'].connections }, () => players.account()),
    )
    const { token, name } = await players.account()
    const player = await WellBehaved.enter(port, token, name, historyMessages)
    const ends = (reasons: readonly string[]) =>
      gate.lines.filter(({ reason }) => reasons.some((one) => one === reason)).length

    const rows: Row[] = [
      { name: 'in peace', figures: { ...figuresOf(await player.play(measureMs)), ended: 0 } },
    ]
    for (const attack of names) {
      const { reasons } = attacks[attack]
      const before = ends(reasons)
      const service = await besieged(attack, port, tokens, () => player.play(measureMs))
      const ended = ends(reasons) - before
      rows.push({ name: `${attack}: ${reasons.join(', ')}`, figures: { ...figuresOf(service), ended } })
    }
    player.close()
    return { benchmark: 'siege', rows }
  } finally {
    await players.close()
    await cluster.remove()
  }
}

/** Runs something while an attack, from a process of its own, is under way. */
async function besieged<T>(
  attack: AttackName,
  port: number,
  tokens: readonly { readonly token: string }[],
  run: () => Promise<T>,
): Promise<T> {
  const script = fileURLToPath(new URL('attackers.ts', import.meta.url))
  const args = ['--import', 'tsx', script, attack, String(port), ...tokens.map(({ token }) => token)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  try {
    await Promise.race([once(child.stdout, 'data'), ended])
    return await run()
  } finally {
    child.kill('SIGTERM')
    await ended
  }
}

const figuresOf = ({ requests, unanswered, latenciesMs }: Service) => ({
  requests,
  unanswered,
  'p50 ms': latenciesMs[Math.floor(latenciesMs.length * 0.5)] ?? 0,
  'p99 ms': latenciesMs[Math.floor(latenciesMs.length * 0.99)] ?? 0,
  'max ms': latenciesMs.at(-1) ?? 0,
})
