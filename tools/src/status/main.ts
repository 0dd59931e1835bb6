import { exitCode } from '@hydra/runtime'
import { commonExitCodes, runCommand } from '../cluster/run-command.ts'
import { noClusterRuns } from '../cluster/wanted.ts'
import { complaintsOf } from './judge.ts'
import { statusJson, statusText } from './table.ts'

const usage = `npx hydra status [options]: what runs of the local cluster, and how it is

  --json          everything that was seen, for programs
  --dir <folder>  the cluster's folder (default: .hydra/cluster)
  --help

Looks at each process, asks each service whether it is ready and for its metrics, tries each server, and compares with
the registry, through which services find each other.

Exit codes:
      0 all is as asked
      1 something is not; the lines that begin with "!" say what
${commonExitCodes}
     69 no cluster runs
     70 a defect of this command
`

// What it takes is loaded when it is needed: help is there at once.
await runCommand(
  usage,
  { options: { json: { type: 'boolean', default: false }, dir: { type: 'string' } } },
  async ({ values }) => {
    const { lookAtCluster } = await import('./look.ts')
    const cluster = await lookAtCluster(values.dir, process.cwd(), process.env)
    if (cluster === undefined) throw noClusterRuns()
    const nowMs = Date.now()
    const complaints = complaintsOf(cluster, nowMs)
    console.log(
      values.json
        ? JSON.stringify(statusJson(cluster, complaints), null, 2)
        : statusText(cluster, complaints, nowMs),
    )
    return complaints.length === 0 ? exitCode.stopped : exitCode.stopFailed
  },
)
