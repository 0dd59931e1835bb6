import type { Check } from '../check.ts'

/** Where `npm start` listens unless told otherwise. */
export const playPorts = [
  { name: 'http', port: 9_001, variable: 'HYDRA_HTTP_HTTP_PORT' },
  { name: 'gate', port: 3_250, variable: 'HYDRA_GATE_GATE_PORT' },
] as const

type PlayPort = (typeof playPorts)[number]

/** Whether `npm start` finds its ports free. */
export const portsCheck: Check = {
  use: 'play',
  name: 'ports',
  look: async ({ env, isPortFree, answers }) => {
    const portOf = ({ variable, port }: PlayPort) => Number(env[variable] ?? port)
    const list = (of: readonly PlayPort[]) => of.map((each) => `${portOf(each)} (${each.name})`).join(', ')
    const taken: PlayPort[] = []
    for (const each of playPorts) {
      // 0 is any free port.
      if (portOf(each) !== 0 && !(await isPortFree(portOf(each)))) taken.push(each)
    }
    if (taken.length === 0) return { verdict: 'ok', detail: `${list(playPorts)} are free` }
    const http = taken.find(({ name }) => name === 'http')
    if (http !== undefined && (await answers(`http://127.0.0.1:${portOf(http)}`))) {
      return { verdict: 'ok', detail: `Hydra runs already: ${list(taken)}` }
    }
    return {
      verdict: 'hint',
      detail: `taken by something else: ${list(taken)}`,
      help: [`${taken.map(({ variable }) => `${variable}=0`).join(' ')} npm start  takes any free port`],
    }
  },
}
