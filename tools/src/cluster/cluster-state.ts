import { linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { services } from '@hydra/protocol'
import { serverKinds } from '@hydra/testing'
import { z } from 'zod'
import { ClusterError } from './cluster-error.ts'
import { clusterFolder, type ClusterFolder } from './cluster-folder.ts'

const processFields = {
  /** Unique among what runs: `gate-1`, `mysql`. While it is replaced, its successor has the same. */
  name: z.string(),
  /** Stays when it has ended. */
  pid: z.int().min(1),
  /** Tells a process from another one that was given its number later; see `markOf`. */
  mark: z.string().optional(),
  startedAtMs: z.int(),
  stage: z.enum(['starting', 'ready', 'draining', 'exited']),
  /** How it ended: a code, or the signal that ended it. */
  exit: z.object({ code: z.int().nullable(), signal: z.string().nullable(), atMs: z.int() }).optional(),
}

const serviceSchema = z.object({
  ...processFields,
  service: z.enum(services),
  /** `/healthz`, `/readyz` and `/metrics` are under it. */
  opsUrl: z.string(),
  /** Where clients reach it: gates and http. */
  url: z.string().optional(),
  /** Ports that it listens on. */
  ports: z.array(z.int()),
  /** When its program was built. */
  builtAtMs: z.int(),
})

const backendSchema = z.object({
  ...processFields,
  name: z.enum(serverKinds),
  ports: z.array(z.int()),
  url: z.string(),
})

const stateSchema = z.object({
  /** Of this form. */
  version: z.literal(1),
  /** `starting`: not yet in use; `stopping`: soon gone. */
  phase: z.enum(['starting', 'running', 'stopping']),
  startedAtMs: z.int(),
  supervisor: z.object({
    pid: z.int().min(1),
    mark: z.string().optional(),
    /** Its control endpoint, and what must be shown to it. */
    url: z.string(),
    token: z.string(),
  }),
  /** Ends what is left should the supervisor be killed. */
  guard: z.object({ pid: z.int().min(1), mark: z.string().optional() }).optional(),
  /** What services may take to stop, as configured; 0 while it is not known. */
  stopTimeoutMs: z.int().min(0),
  /** `[cluster] env` and `[storage] keyPrefix` of the services. */
  env: z.string(),
  keyPrefix: z.string(),
  /** Of the first http, and of all gates; absent and empty until they are known. */
  httpUrl: z.string().optional(),
  gateUrls: z.array(z.string()),
  /** Absent until it is known. */
  mysqlUrl: z.string().optional(),
  redisUrl: z.string().optional(),
  natsUrl: z.string().optional(),
  etcdUrl: z.string().optional(),
  /** How many of each service were asked for. */
  wanted: z.record(z.enum(services), z.int().min(0)),
  /** The servers that were started for the cluster; those that were given by url are not among them. */
  backends: z.array(backendSchema),
  services: z.array(serviceSchema),
})

/** What runs of a local cluster, as its supervisor writes it at each change. */
export type ClusterState = z.output<typeof stateSchema>
/** One service process of a {@link ClusterState}. */
export type ServiceState = ClusterState['services'][number]
/** One server of a {@link ClusterState}. */
export type BackendState = ClusterState['backends'][number]

/**
 * Reads `state.json` of a local cluster: what its supervisor has written last. It may be dead by now: see
 * `findRunningCluster`.
 *
 * @param dir the cluster's folder, `.hydra/cluster` when absent
 * @returns `undefined` when there is no such file: nothing runs
 * @throws ClusterError when the file is not one of this version
 * @example const { httpUrl, mysqlUrl } = (await readClusterState()) ?? {}
 */
export async function readClusterState(dir?: string): Promise<ClusterState | undefined> {
  const { stateFile } = clusterFolder(dir)
  let text: string
  try {
    text = await readFile(stateFile, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  return parseState(text, stateFile)
}

/** @throws ClusterError naming `origin`, where the text comes from. */
export function parseState(text: string, origin: string): ClusterState {
  try {
    return stateSchema.parse(JSON.parse(text))
  } catch (cause) {
    const sentence = `${origin} is no state of a cluster that this version of Hydra understands`
    const advice =
      'stop that cluster with the version that started it, or end its processes and remove the file'
    throw new ClusterError(`${sentence}: ${advice}.`, undefined, { cause })
  }
}

/**
 * Replaces the state in one step: whoever reads sees the former one or this one. For its owner only (mode 0600): it
 * holds a token and the password of the database.
 */
export function writeClusterState(folder: ClusterFolder, state: ClusterState): void {
  renameSync(writeBeside(folder, state), folder.stateFile)
}

/**
 * Writes the first state, unless there is one: of all that try at the same time, one succeeds.
 *
 * @returns whether it was written
 */
export function createClusterState(folder: ClusterFolder, state: ClusterState): boolean {
  mkdirSync(folder.dir, { recursive: true })
  const written = writeBeside(folder, state)
  try {
    linkSync(written, folder.stateFile)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(written, { force: true })
  }
}

/** Removes the state, if it is still the one of this supervisor. */
export async function removeClusterState(folder: ClusterFolder, token: string): Promise<void> {
  const state = await readClusterState(folder.dir)
  if (state?.supervisor.token === token) rmSync(folder.stateFile, { force: true })
}

function writeBeside({ stateFile }: ClusterFolder, state: ClusterState): string {
  const file = `${stateFile}.${process.pid}`
  writeFileSync(file, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 })
  return file
}
