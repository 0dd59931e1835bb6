// An owner of real servers that waits to be killed. Started by reaper.servers.test.ts.
import { startServers } from '../servers/start-servers.ts'
import { serverKinds } from '../test-env.ts'

const servers = await startServers({ which: serverKinds })
process.stdout.write(`${JSON.stringify(serverKinds.map((kind) => servers[kind].pid))}\n`)
setInterval(() => undefined, 1_000)
