// Cleans up after a test run, however it ended. Plain JavaScript: it must start without any loader.
//
//   node watchdog.mjs create <parent>   makes a folder, prints its path, waits for the end of stdin, cleans up
//   node watchdog.mjs adopt <folder>    the same for a folder that exists
//
// The owner holds the write end of stdin and sends "+<pid>" and "-<pid>" for servers that it started and that ended.
// The kernel closes that end when the owner is gone for whatever reason, SIGKILL included.
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeSync } from 'node:fs'
import { join, sep } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

const graceMs = 3_000
const lookEveryMs = 20
// A process shows no environment of its own between its fork and its exec, so one look that finds none proves nothing.
const emptyLooks = 15
const variable = 'HYDRA_TEST_DIR'

const [mode, path] = process.argv.slice(2)
const dir = mode === 'create' ? mkdtempSync(join(realpathSync(path), 'hydra-test-')) : path
const told = new Set()

// Ctrl-C reaches every process of a terminal; this one has to outlive the others.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})

/** Sends a signal; the process may have ended a moment ago. */
const signal = (pid, name) => {
  try {
    process.kill(pid, name)
    return true
  } catch (error) {
    if (error.code === 'ESRCH') return false
    throw error
  }
}

/** Gives undefined for another user's process, and for one that ended a moment ago. */
const look = (read) => {
  try {
    return read()
  } catch (error) {
    if (['EACCES', 'EPERM', 'ENOENT', 'ESRCH'].includes(error.code)) return undefined
    throw error
  }
}

/** Processes that carry the folder in their environment. A zombie's environment is empty. */
const marked = () =>
  readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false
    const environment = look(() => readFileSync(`/proc/${pid}/environ`, 'latin1')) ?? ''
    const entry = environment.split('\0').find((text) => text.startsWith(`${variable}=`))
    const value = entry?.slice(variable.length + 1)
    return value === dir || value?.startsWith(dir + sep)
  })

/** Whether it runs. A zombie, whose parent has not asked how it ended, does not. */
const isRunning = (pid) => {
  if (process.platform !== 'linux') return signal(pid, 0)
  const stat = look(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  return stat !== undefined && !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2))
}

// Neither alone is enough: Redis writes its title over its environment, and only the servers are told of. Where there
// is no /proc (macOS) those have to do.
const survivors = () =>
  new Set([...[...told].filter(isRunning), ...(process.platform === 'linux' ? marked().map(Number) : [])])

const endProcesses = async () => {
  const asked = new Set()
  const deadline = performance.now() + graceMs
  for (let empty = 0; empty < emptyLooks; await sleep(lookEveryMs)) {
    const left = survivors()
    empty = left.size === 0 ? empty + 1 : 0
    const patience = performance.now() < deadline
    for (const pid of left) {
      if (!patience) signal(pid, 'SIGKILL')
      else if (!asked.has(pid)) {
        asked.add(pid)
        signal(pid, 'SIGTERM')
        // A stopped process takes no SIGTERM before it is continued.
        signal(pid, 'SIGCONT')
      }
    }
    if (performance.now() > deadline + graceMs) return
  }
}

writeSync(1, `${dir}\n`)
for await (const line of createInterface({ input: process.stdin })) {
  const pid = Number(line.slice(1))
  if (line.startsWith('+')) told.add(pid)
  else told.delete(pid)
}
await endProcesses()
rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
