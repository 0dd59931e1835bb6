import { startReaper } from '../reaper/reaper.ts'
import { startServer } from '../servers/start-server.ts'
import type { TestServer } from '../servers/test-server.ts'
import { serverKinds, type Environment, type ServerKind } from '../test-env.ts'
import { securedDefinitions, type Secured } from './secured-definitions.ts'

/** Servers that refuse whoever does not speak TLS and show a certificate of their authority. */
export interface SecuredServers<K extends ServerKind> {
  readonly servers: Readonly<Record<K, TestServer>>
  /** Ends them. May be called again. */
  close(): Promise<void>
}

/**
 * Starts private servers with TLS, certificates on both sides, and users, for tests of how they are connected to. Like
 * `startServers`, for `*.servers.test.ts` files only. Connect to `localhost`, which the certificates name.
 *
 * @throws TestServerError `BINARY_MISSING`, `START_FAILED`
 * @example
 * const certificates = await makeCertificates(folder)
 * const { servers, close } = await startSecuredServers({ redis: { certificates, aclFile: 'users.acl' } })
 */
export const startSecuredServers = async <K extends ServerKind>(
  wanted: Readonly<Record<K, Secured>>,
  env: Environment = process.env,
): Promise<SecuredServers<K>> => {
  const reaper = await startReaper()
  const started: [ServerKind, TestServer][] = []
  const end = async (): Promise<void> => {
    await Promise.all(started.map(([, server]) => server.stop()))
    await reaper.close()
  }
  try {
    for (const kind of serverKinds) {
      const secured = (wanted as Partial<Record<ServerKind, Secured>>)[kind]
      if (secured === undefined) continue
      const options = { durable: false, owner: reaper, folder: kind, env }
      started.push([kind, await startServer(securedDefinitions[kind](secured), options)])
    }
  } catch (error) {
    await end()
    throw error
  }
  let ending: Promise<void> | undefined
  return {
    // Each kind that was asked for has been started.
    servers: Object.fromEntries(started) as Record<K, TestServer>,
    close: () => (ending ??= end()),
  }
}
