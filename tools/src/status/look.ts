import type { Service } from '@hydra/protocol'
import type { Environment } from '@hydra/runtime'
import { serverKinds, type ServerKind } from '@hydra/testing'
import type { ClusterState, ServiceState } from '../cluster/cluster-state.ts'
import { askState } from '../cluster/control-client.ts'
import { findCluster } from '../cluster/find-cluster.ts'
import { isRunning } from '../cluster/process-mark.ts'
import { askReady } from '../cluster/supervisor/until-ready.ts'
import { tryUrl } from '../test/try-url.ts'
import { processMemory } from './process-memory.ts'
import { readRegistry, type RegistryAnswer } from './read-registry.ts'
import { scrape, type Samples } from './scrape.ts'

/** How a process is, seen from outside this moment. */
export interface SeenProcess {
  readonly name: string
  readonly pid: number
  /** `silent`: it runs and does not answer. `failing`: it says that something it needs is missing. */
  readonly stage: 'starting' | 'ready' | 'failing' | 'draining' | 'silent' | 'exited'
  /** Why it is not ready, in its own words. */
  readonly reason: string | undefined
  readonly startedAtMs: number
  /** How it ended; unknown when it has ended a moment ago, or without a supervisor. */
  readonly exit: ServiceState['exit']
  readonly memoryBytes: number | undefined
}

/** How a service is. */
export interface SeenService extends SeenProcess {
  readonly service: Service
  /** Where clients reach it, else operators. */
  readonly url: string
  readonly builtAtMs: number
  readonly samples: Samples | undefined
}

/** How a server is. */
export interface SeenBackend extends Omit<SeenProcess, 'pid' | 'startedAtMs'> {
  readonly name: ServerKind
  /** Absent for a server that was given. */
  readonly pid: number | undefined
  readonly startedAtMs: number | undefined
  /** Without user and password. */
  readonly url: string
}

/** A whole cluster, as it was seen. */
export interface SeenCluster {
  readonly state: ClusterState
  readonly supervisor: 'running' | 'silent' | 'gone'
  readonly services: readonly SeenService[]
  readonly backends: readonly SeenBackend[]
  readonly registry: RegistryAnswer
}

/**
 * Looks at everything that belongs to the local cluster, at once; takes nobody's word for what can be seen.
 *
 * @returns `undefined` when nothing was started
 */
export async function lookAtCluster(
  dir: string | undefined,
  root: string,
  env: Environment,
): Promise<SeenCluster | undefined> {
  const found = await findCluster(dir)
  if (found === undefined) return undefined
  const asked = found.supervised ? await askState(found.state.supervisor).catch(() => undefined) : undefined
  const state = asked ?? found.state
  const [services, backends, registry] = await Promise.all([
    Promise.all(state.services.map(lookAtService)),
    Promise.all(serverKinds.map((kind) => lookAtBackend(kind, state))),
    readRegistry(state, root, env),
  ])
  return {
    state,
    supervisor: asked === undefined ? await unanswering(state) : 'running',
    services,
    backends: backends.flat(),
    registry,
  }
}

/** Asked after it has not answered: it may have been killed meanwhile. */
const unanswering = async ({ supervisor }: ClusterState): Promise<'silent' | 'gone'> =>
  (await isRunning(supervisor)) ? 'silent' : 'gone'

async function lookAtService(service: ServiceState): Promise<SeenService> {
  const { name, pid, startedAtMs, builtAtMs, opsUrl, exit } = service
  const fixed = {
    name,
    pid,
    startedAtMs,
    builtAtMs,
    service: service.service,
    url: service.url ?? opsUrl,
    exit,
  }
  const gone = {
    ...fixed,
    stage: 'exited',
    reason: undefined,
    memoryBytes: undefined,
    samples: undefined,
  } as const
  if (!(await isRunning(service))) return gone
  const [answer, samples, memoryBytes] = await Promise.all([
    askReady(opsUrl),
    scrape(opsUrl),
    processMemory(pid),
  ])
  // It may have ended while it was asked.
  if (!(await isRunning(service))) return gone
  const { stage, reason } = seen(service.stage, answer)
  return { ...fixed, stage, reason, memoryBytes, samples }
}

function seen(
  noted: ServiceState['stage'],
  answer: Awaited<ReturnType<typeof askReady>>,
): Pick<SeenProcess, 'stage' | 'reason'> {
  if (noted === 'draining') return { stage: 'draining', reason: undefined }
  if (answer.kind === 'ready') return { stage: 'ready', reason: undefined }
  // Before its operations endpoint is up there is nobody to answer.
  if (answer.kind === 'silent')
    return { stage: noted === 'starting' ? 'starting' : 'silent', reason: answer.reason }
  const stage = (['starting', 'draining'] as const).find((known) => known === answer.status) ?? 'failing'
  return { stage, reason: answer.reason === '' ? undefined : answer.reason }
}

async function lookAtBackend(kind: ServerKind, state: ClusterState): Promise<readonly SeenBackend[]> {
  const backend = state.backends.find(({ name }) => name === kind)
  const url = backend?.url ?? urlOf(kind, state)
  // Not started yet.
  if (url === undefined) return []
  const [first = ''] = url.split(',')
  const address = first.includes('://') ? first : `${kind}://${first}`
  const running = backend === undefined || (await isRunning(backend))
  const reason = running
    ? await tryUrl(kind, backend === undefined ? address : `${kind}://127.0.0.1:${backend.ports[0] ?? 0}`)
    : undefined
  return [
    {
      name: kind,
      pid: backend?.pid,
      stage: !running ? 'exited' : reason !== undefined ? 'silent' : 'ready',
      reason,
      startedAtMs: backend?.startedAtMs,
      exit: backend?.exit,
      memoryBytes: backend === undefined || !running ? undefined : await processMemory(backend.pid),
      url: new URL(address).host,
    },
  ]
}

const urlOf = (
  kind: ServerKind,
  { mysqlUrl, redisUrl, natsUrl, etcdUrl }: ClusterState,
): string | undefined => ({ mysql: mysqlUrl, redis: redisUrl, nats: natsUrl, etcd: etcdUrl })[kind]
