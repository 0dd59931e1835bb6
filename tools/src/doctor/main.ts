import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { isFit, runChecks } from './check.ts'
import { allChecks } from './checks/index.ts'
import { doctorMachine } from './doctor-machine.ts'
import { reportJson, reportText } from './report.ts'

const usage = `usage: npx hydra doctor [--json]

What this machine has and lacks for each use of Hydra, and how to get it. Looks only; changes nothing.

  ok       is there
  hint     works without, or with something else; the line says how
  missing  has to be got; the lines below say how

  --json   the same for programs
  --help

Exit codes:
  0  what it takes to play (npm start) and to test (npm test) is there
  1  something of that is missing
  2  wrong use
`

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

if (values.help) {
  process.stdout.write(usage)
} else {
  const findings = await runChecks(allChecks, doctorMachine(join(import.meta.dirname, '../../..')))
  process.stdout.write(values.json ? reportJson(findings) : reportText(findings))
  process.exitCode = isFit(findings) ? 0 : 1
}
