import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** Runs the bare echo server in a process of its own while `run` lasts. */
export async function withEcho<T>(run: (echo: { port: number; pid: number }) => Promise<T>): Promise<T> {
  const script = fileURLToPath(new URL('echo-server.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  try {
    const line = await Promise.race([once(child.stdout, 'data'), ended])
    const port = Number(String(line[0]))
    if (child.exitCode !== null || !(port > 0)) throw new Error('The echo server did not start.')
    return await run({ port, pid: child.pid ?? 0 })
  } finally {
    child.kill('SIGTERM')
    await ended
  }
}
