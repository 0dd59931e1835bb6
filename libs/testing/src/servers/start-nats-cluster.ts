import { startReaper } from '../reaper/reaper.ts'
import type { Environment } from '../test-env.ts'
import { natsMember } from './nats.ts'
import { startServer } from './start-server.ts'
import type { TestServer } from './test-server.ts'

/** Several nats-servers that are one cluster. */
export interface NatsCluster {
  readonly members: readonly TestServer[]
  /** Ends them. May be called again. */
  close(): Promise<void>
}

/**
 * Starts private nats-servers that form one cluster, for tests in which one of them dies or is about to stop. Like
 * `startServers`, for `*.servers.test.ts` files only.
 *
 * @throws TestServerError `BINARY_MISSING`, `START_FAILED`
 * @example
 * const { members, close } = await startNatsCluster(3)
 * await members[0]?.kill()
 */
export const startNatsCluster = async (
  size: number,
  env: Environment = process.env,
): Promise<NatsCluster> => {
  const reaper = await startReaper()
  const members: TestServer[] = []
  const end = async (): Promise<void> => {
    await Promise.all(members.map((member) => member.stop()))
    await reaper.close()
  }
  const routes: string[] = []
  try {
    for (let index = 0; index < size; index++) {
      const options = { durable: false, owner: reaper, folder: `nats-${index}`, env }
      members.push(await startServer(natsMember(routes), options))
    }
  } catch (error) {
    await end()
    throw error
  }
  let ending: Promise<void> | undefined
  return { members, close: () => (ending ??= end()) }
}
