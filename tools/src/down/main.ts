import { commonExitCodes, runCommand } from '../cluster/run-command.ts'

const usage = `npx hydra down [options]: drains and stops the local cluster

  --data          removes its data too: accounts, roles, everything; never what is on servers that were given
  --dir <folder>  the cluster's folder (default: .hydra/cluster)
  --help

Gates and http go first, then game, then chat, then the servers, so that every role is saved. What a supervisor that was
killed has left behind is cleaned up as well. The last line says that no process and no port is left.

Exit codes:
      0 nothing runs any more, or nothing ran
      1 something could not be stopped in good order, or is left
${commonExitCodes}
     70 a defect of this command
`

// What it takes is loaded when it is needed: help is there at once.
await runCommand(
  usage,
  { options: { dir: { type: 'string' }, data: { type: 'boolean', default: false } } },
  async ({ values }) =>
    (await import('./lower-cluster.ts')).lowerCluster({
      dir: values.dir,
      removeData: values.data,
      print: console.log,
    }),
)
