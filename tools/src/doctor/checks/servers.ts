import {
  isEmbedded,
  serverBinaries,
  serverKinds,
  serverPathVariable,
  urlVariables,
  type ServerKind,
} from '@hydra/testing'
import { givenServers } from '../../cluster/given-servers.ts'
import { brewNames, debianNames, exampleUrls, mayInstall, serverTitles } from '../../test/backends.ts'
import { isDebianLike } from '../../test/machine.ts'
import type { Check, Finding } from '../check.ts'
import type { DoctorMachine } from '../doctor-machine.ts'

/** The servers that `npm test` runs against, one by one. */
export const testServerChecks: readonly Check[] = serverKinds.map((kind) => ({
  use: 'test',
  name: serverTitles[kind],
  look: (machine) => {
    const { env } = machine
    const url = env[urlVariables[kind]] ?? ''
    if (url !== '') return { verdict: 'ok', detail: `the one that ${urlVariables[kind]} names` }
    if (isEmbedded(env)) return { verdict: 'hint', detail: 'left out: HYDRA_TEST_BACKENDS=embedded' }
    return lookFor(kind, machine)
  },
}))

/** The same ones for `npx hydra up`. */
export const clusterServersCheck: Check = {
  use: 'local cluster',
  name: 'servers',
  look: async (machine) => {
    const given = givenServers({}, machine.env)
    const kinds = serverKinds.filter(
      (kind) => given[kind] === undefined && lackingOf(kind, machine).length > 0,
    )
    const names = (of: readonly ServerKind[]) => of.map((kind) => serverTitles[kind]).join(', ')
    if (kinds.length === 0) return { verdict: 'ok', detail: names(serverKinds) }
    return mayInstall(machine.env, machine.canInstall)
      ? {
          verdict: 'hint',
          detail: `${names(kinds)}: npx hydra up installs them`,
          help: howToGet(kinds, machine),
        }
      : { verdict: 'missing', detail: `not found: ${names(kinds)}`, help: howToGet(kinds, machine) }
  },
}

const lackingOf = (kind: ServerKind, { findServer }: DoctorMachine): readonly string[] =>
  serverBinaries[kind].filter((name) => findServer(name) === undefined)

async function lookFor(kind: ServerKind, machine: DoctorMachine): Promise<Finding> {
  const { env, canInstall, findServer, run } = machine
  const lacking = lackingOf(kind, machine)
  const path = findServer(serverBinaries[kind][0] ?? '')
  if (lacking.length === 0 && path !== undefined) {
    const { output } = await run(path, ['--version'])
    const version = /\d+\.\d+(\.\d+)?/.exec(output)?.[0] ?? 'of unknown version'
    return { verdict: 'ok', detail: `${version}, ${path}` }
  }
  const only = env[serverPathVariable]
  if (mayInstall(env, canInstall)) {
    return {
      verdict: 'hint',
      detail: `${lacking.join(', ')} not found: npm test installs it`,
      help: howToGet([kind], machine),
    }
  }
  const where = only === undefined ? '' : ` in ${only} (${serverPathVariable})`
  return {
    verdict: 'missing',
    detail: `${lacking.join(', ')} not found${where}`,
    help: [
      ...howToGet([kind], machine),
      `or name one that runs: ${urlVariables[kind]}=${exampleUrls[kind]}`,
      'or test without: HYDRA_TEST_BACKENDS=embedded npm test',
    ],
  }
}

/** How servers come onto a machine of this kind. They need not run. */
export function howToGet(
  kinds: readonly ServerKind[],
  { platform, readText }: Pick<DoctorMachine, 'platform' | 'readText'>,
): readonly string[] {
  const names = (of: Readonly<Record<ServerKind, string>>) => kinds.map((kind) => of[kind]).join(' ')
  const apt = `apt-get install --no-install-recommends ${names(debianNames)}`
  if (platform === 'darwin') return [`brew install ${names(brewNames)}`]
  if (platform === 'win32') {
    return [
      'in WSL (wsl --install), with the checkout in its file system:',
      `sudo ${apt}`,
      'or Docker Desktop: docker compose up',
    ]
  }
  if (isDebianLike(readText('/etc/os-release') ?? '')) return [`sudo ${apt}`]
  return [`with the package manager of this system; Debian calls them ${names(debianNames)}`]
}
