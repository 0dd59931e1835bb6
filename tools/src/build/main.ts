import { relative, resolve } from 'node:path'
import { services } from '@hydra/protocol'
import { ClusterError } from '../cluster/cluster-error.ts'
import { commonExitCodes, runCommand } from '../cluster/run-command.ts'
import { usageCode } from '../cluster/wanted.ts'
import { buildService } from './build-service.ts'

const usage = `npx hydra build [service …] [options]: one deployable folder per service

  service …       ${services.join(', ')}; all when absent
  --out <folder>  each goes into a folder of this one, named after it (default: dist); an earlier build there is replaced,
                  anything else is left alone and refused (exit code 2)
  --help

A folder holds main.mjs with its source map, the default configuration, for game the design tables, and a package.json
with the packages that "npm install --omit=dev" adds there. Then: node --enable-source-maps main.mjs

Exit codes:
      0 built
      1 the sources do not compile
${commonExitCodes}
     70 a defect of this command
`

await runCommand(
  usage,
  { allowPositionals: true, options: { out: { type: 'string', default: 'dist' } } },
  async ({ values, positionals }) => {
    const chosen = positionals.length === 0 ? services : services.filter((each) => positionals.includes(each))
    const unknown = positionals.filter((word) => !services.some((service) => service === word))
    if (unknown.length > 0) {
      throw new ClusterError(
        `There is no service ${unknown.join(', ')}. There are: ${services.join(', ')}.`,
        usageCode,
      )
    }
    await Promise.all(
      chosen.map(async (service) => {
        const begin = performance.now()
        const { outDir, externals } = await buildService({ service, outDir: resolve(values.out, service) })
        const outside = Object.entries(externals).map((entry) => entry.join('@'))
        console.log(
          `${relative(process.cwd(), outDir)} built in ${Math.round(performance.now() - begin)} ms; outside: ${outside.join(', ')}`,
        )
      }),
    )
    return 0
  },
)
