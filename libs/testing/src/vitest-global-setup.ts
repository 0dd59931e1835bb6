import { startReaper } from './reaper/reaper.ts'
import { kindsToStart, startSharedServers } from './shared-servers.ts'

/**
 * Vitest's global setup: starts the servers that the environment does not give and hands their urls to the test
 * processes, which vitest starts afterwards with this process' environment. Under `npm test` the urls are all given.
 */
export default async function setup(): Promise<() => Promise<void>> {
  if (kindsToStart(process.env).length === 0) return async () => undefined
  const reaper = await startReaper()
  try {
    const servers = await startSharedServers(reaper, process.env)
    Object.assign(process.env, servers.env)
    return async () => {
      await servers.close()
      await reaper.close()
    }
  } catch (error) {
    await reaper.close()
    throw error
  }
}
