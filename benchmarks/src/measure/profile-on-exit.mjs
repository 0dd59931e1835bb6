// Loaded into a process under test (`--import`): writes a CPU profile into PROFILE_DIR when the process exits.
// `node --cpu-prof` does the same, but may not stand in NODE_OPTIONS.
import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector'
import { join } from 'node:path'

const session = new Session()
session.connect()
session.post('Profiler.enable')
session.post('Profiler.start')
process.on('exit', () => {
  // The session lies in this thread: it answers before `post` returns.
  session.post('Profiler.stop', (error, answer) => {
    if (error !== null) throw error
    const file = join(process.env.PROFILE_DIR, `${process.pid}.cpuprofile`)
    writeFileSync(file, JSON.stringify(answer.profile))
  })
})
