import { services, type Service } from '@hydra/protocol'
import { serverTitles } from '../test/backends.ts'
import { ago } from './durations.ts'
import type { SeenBackend, SeenCluster, SeenService } from './look.ts'

/**
 * What is not as it was asked for, one sentence each; none when all is well.
 *
 * @param nowMs for sentences like "3 s ago"
 */
export function complaintsOf(cluster: SeenCluster, nowMs: number): readonly string[] {
  return [
    ...aboutSupervisor(cluster),
    ...cluster.backends.flatMap((backend) => aboutBackend(backend, nowMs)),
    ...services.flatMap((service) => aboutService(service, cluster, nowMs)),
    ...aboutRegistry(cluster),
  ]
}

function aboutSupervisor({ supervisor, state }: SeenCluster): readonly string[] {
  const process = `The supervisor (process ${state.supervisor.pid})`
  if (supervisor === 'gone') {
    return [
      `${process} was killed: its services save and stop by themselves. Clean up with npx hydra down, or start anew with npx hydra up.`,
    ]
  }
  if (supervisor === 'silent') return [`${process} does not answer.`]
  return state.phase === 'running' ? [] : [`The cluster is ${state.phase}.`]
}

function aboutBackend({ name, stage, exit, reason }: SeenBackend, nowMs: number): readonly string[] {
  const title = serverTitles[name]
  if (stage === 'exited') return [`${title} ${howEnded(exit, nowMs)}.`]
  // Reasons are sentences, with their own full stop, or an error's words.
  return stage === 'ready'
    ? []
    : [`${title} does not answer: ${(reason ?? 'no reason given').replace(/\.$/, '')}.`]
}

function aboutService(service: Service, cluster: SeenCluster, nowMs: number): readonly string[] {
  const wanted = cluster.state.wanted[service]
  const processes = cluster.services.filter((each) => each.service === service)
  const ready = new Set(processes.filter(({ stage }) => stage === 'ready').map(({ name }) => name))
  const complaints = processes.flatMap((each) => (ready.has(each.name) ? [] : [aboutProcess(each, nowMs)]))
  const known = new Set(processes.map(({ name }) => name)).size
  if (known < wanted) complaints.push(`${wanted} ${service} were asked for, and ${known} were started.`)
  return complaints
}

function aboutProcess({ name, stage, exit, reason }: SeenService, nowMs: number): string {
  if (stage === 'exited') return `${name} ${howEnded(exit, nowMs)}.`
  return `${name} is not ready: ${stage}${reason === undefined ? '' : ` (${reason})`}.`
}

const howEnded = (exit: SeenService['exit'], nowMs: number): string => {
  if (exit === undefined) return 'has ended'
  const how = exit.signal === null ? `ended with exit code ${exit.code}` : `was ended by ${exit.signal}`
  return `${how} ${ago(nowMs - exit.atMs)}`
}

/** Whether others see what runs: servers that are not listed get no work, and listed ones that are gone get it in vain. */
function aboutRegistry({ registry, services: processes, state }: SeenCluster): readonly string[] {
  if (state.phase !== 'running') return []
  if (registry.kind === 'silent') return [`The registry cannot be read: ${registry.reason}.`]
  return services.flatMap((service) => {
    const listed = registry.servers[service].length
    const running = processes.filter((each) => each.service === service && each.stage !== 'exited').length
    if (listed === running) return []
    const note = listed > running ? ' (one that was killed stays for some seconds)' : ''
    return [`The registry lists ${listed} ${service}, and ${running} run${running === 1 ? 's' : ''}${note}.`]
  })
}
