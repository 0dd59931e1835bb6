import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Service } from '@hydra/protocol'
import { dirVariable } from '@hydra/testing'

/** One service as its own OS process, started from its bundle. */
export interface ServiceProcess {
  readonly service: Service
  readonly pid: number
  /** Resolves with the addresses of the log line `ready`. @throws Error with the output when it exits before. */
  readonly ready: Promise<Readonly<Record<string, unknown>>>
  /** Log lines so far, parsed. */
  readonly lines: readonly Readonly<Record<string, unknown>>[]
  /** Sends a signal and resolves when the process has ended. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<{ readonly code: number | null; readonly tookMs: number }>
}

/**
 * Starts `node <main>` with an environment. The output is kept for the message of a failure.
 *
 * @example const game = startService('game', 'dist/game/main.mjs', env); await game.ready
 */
export function startService(
  service: Service,
  main: string,
  env: Readonly<Record<string, string>>,
): ServiceProcess {
  const child = spawn(process.execPath, ['--enable-source-maps', main], {
    env: { ...inherited(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const { pid } = child
  if (pid === undefined) throw new Error(`${service} could not be started from ${main}.`)
  const lines: Record<string, unknown>[] = []
  const output: string[] = []
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk.toString()))
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))

  const ready = new Promise<Record<string, unknown>>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      output.push(`${line}\n`)
      const fields = parseLine(line)
      if (fields === undefined) return
      lines.push(fields)
      if (fields['msg'] === 'ready') resolve((fields['addresses'] ?? {}) as Record<string, unknown>)
    })
    void exited.then((code) =>
      reject(new Error(`${service} ended with code ${code} before it was ready:\n${output.join('')}`)),
    )
  })
  // A test that ends a process on purpose does not wait for it to be ready.
  ready.catch(() => {})

  return {
    service,
    pid,
    ready,
    lines,
    async end(signal) {
      const startMs = performance.now()
      stop(child, signal)
      return { code: await exited, tookMs: performance.now() - startMs }
    },
  }
}

/** Little, so that no setting of the person at the terminal changes a test; the folder's variable ties it to the run. */
function inherited(): Record<string, string> {
  const names = ['PATH', 'HOME', dirVariable]
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  )
}

function stop(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal)
}

function parseLine(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
