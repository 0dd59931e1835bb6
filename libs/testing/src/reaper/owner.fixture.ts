// An owner of servers that ends in the way its argument says. Started by reaper.test.ts.
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startReaper } from './reaper.ts'

const [ending, child = 'setInterval(() => {}, 1000)'] = process.argv.slice(2)
const reaper = await startReaper()
const start = (env: Readonly<Record<string, string>>): number => {
  const server = spawn(process.execPath, ['-e', `${child};console.log('up')`], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  })
  server.unref()
  if (server.pid === undefined) throw new Error('the child did not start')
  reaper.watch(server.pid)
  started.push(new Promise((resolve) => server.stdout.once('data', resolve)))
  server.stdout.once('data', () => server.stdout.destroy())
  return server.pid
}
const started: Promise<unknown>[] = []
const pids = [start(ending === 'unmarked' ? {} : { ...reaper.env })]
writeFileSync(join(reaper.dir, 'data'), 'x')
await Promise.all(started)
process.stdout.write(`${JSON.stringify({ dir: reaper.dir, watchdogPid: reaper.watchdogPid, pids })}\n`)

if (ending === 'close') await reaper.close()
if (ending === 'throw') throw new Error('the tests failed')
if (ending === 'wait' || ending === 'unmarked') setInterval(() => undefined, 1_000)
