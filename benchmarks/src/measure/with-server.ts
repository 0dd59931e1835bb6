import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A yardstick in a process of its own. */
export interface BareServer {
  readonly port: number
  readonly pid: number
}

/** Runs a script that prints the port on which it listens, while `run` lasts. */
export async function withServer<T>(script: URL, run: (server: BareServer) => Promise<T>): Promise<T> {
  const args = ['--import', 'tsx', fileURLToPath(script)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  try {
    const line = await Promise.race([once(child.stdout, 'data'), ended])
    const port = Number(String(line[0]))
    if (child.exitCode !== null || !(port > 0)) throw new Error(`${script.pathname} did not start.`)
    return await run({ port, pid: child.pid ?? 0 })
  } finally {
    child.kill('SIGTERM')
    await ended
  }
}
