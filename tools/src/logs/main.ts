import { commonExitCodes, runCommand } from '../cluster/run-command.ts'

const usage = `npx hydra logs [name …] [options]: what the local cluster says

  name …            game-1, mysql, supervisor, or a service: game means every game; all when absent
  --lines <n>       the last n lines of all that are shown (default: 50)
  --follow, -f      goes on with what is added, until Ctrl-C
  --level <level>   only what is of this level or above: trace, debug, info, warn, error
  --json            the lines as they were written
  --dir <folder>    the cluster's folder (default: .hydra/cluster)
  --help

Logs stay when the cluster stops. One that has grown to 8 MiB is begun anew, and what it had is kept until the next time.

Exit codes:
      0 shown
      1 no log of that name
${commonExitCodes}
     69 no cluster has run here
     70 a defect of this command
`

// `hydra logs | head` has had enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 70))

// What it takes is loaded when it is needed: help is there at once.
await runCommand(
  usage,
  {
    allowPositionals: true,
    options: {
      lines: { type: 'string', default: '50' },
      follow: { type: 'boolean', short: 'f', default: false },
      level: { type: 'string' },
      json: { type: 'boolean', default: false },
      dir: { type: 'string' },
    },
  },
  async ({ values, positionals }) =>
    (await import('./show-logs.ts')).showLogs({
      ...values,
      names: positionals,
      color: process.stdout.isTTY,
      print: (text) => process.stdout.write(`${text}\n`),
    }),
)
