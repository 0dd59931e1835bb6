import { commonExitCodes, runCommand } from '../cluster/run-command.ts'

const usage = `npx hydra restart [name …] [options]: restarts services of the local cluster, one process at a time

  name …          game-1, or a service: game means every game; all services when absent
  --no-build      with the programs as they are, not built anew from the sources
  --dir <folder>  the cluster's folder (default: .hydra/cluster)
  --help

In the order chat, game, http, gate. Each one is ready and in the registry before the next is touched, and after a game on
which somebody plays five seconds pass. A new game or chat is ready before the old one drains, so that there is always one;
if it does not start, the old one stays. A new gate or http takes over the port of the old one, and comes after it. Settings
are those of the terminal in which this command is given.

Exit codes:
      0 all are restarted and ready
      1 one did not start, was not listed by the registry, or did not stop in good order; those after it were left alone
${commonExitCodes}
     69 no cluster runs, or its registry cannot be read
     70 a defect of this command
     78 the configuration of a service is wrong
`

// What it takes is loaded when it is needed: help is there at once.
await runCommand(
  usage,
  {
    allowPositionals: true,
    options: { 'no-build': { type: 'boolean', default: false }, dir: { type: 'string' } },
  },
  async ({ values, positionals }) =>
    (await import('./restart-cluster.ts')).restartCluster({
      dir: values.dir,
      words: positionals,
      build: !values['no-build'],
      env: process.env,
      root: process.cwd(),
      print: console.log,
    }),
)
