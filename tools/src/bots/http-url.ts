import { ClusterError, findRunningCluster, type ClusterState } from '../cluster/index.ts'

const usualUrl = 'http://127.0.0.1:9001'
const answerTimeoutMs = 3_000

/**
 * The local cluster of this checkout, if it runs. One that another version has started is none to the commands that only
 * want an address: they can be given it.
 */
export async function localCluster(dir?: string): Promise<ClusterState | undefined> {
  try {
    return await findRunningCluster(dir)
  } catch (error) {
    if (error instanceof ClusterError) return undefined
    throw error
  }
}

/** Where http answers unless `--http` says so: at the local cluster, else where `npm start` has it. */
export const defaultHttpUrl = (cluster: ClusterState | undefined): string => cluster?.httpUrl ?? usualUrl

/** Whether an http service answers there; not for longer than three seconds. */
export async function answers(httpUrl: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(answerTimeoutMs)
    return (await fetch(new URL('/healthz', httpUrl), { signal })).ok
  } catch {
    return false
  }
}

/** What to do where nothing answers. */
export const nothingAnswers = (httpUrl: string): string =>
  `Nothing answers at ${httpUrl}. Start the services first (npm start, or npx hydra up), or name another address with --http.`
