// node --conditions=source --import tsx tools/src/verify-compose/main.ts [options]
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { services } from '@hydra/protocol'
import { findBinary } from '@hydra/testing'
import { exitCode } from '@hydra/runtime'
import { Compose } from './compose.ts'
import { makeImages, type MadeImage } from './make-images.ts'
import { playCompose } from './play-compose.ts'
import { startPrivateDocker, type PrivateDocker } from './private-docker.ts'
import { shell } from './shell.ts'

const usage = `npm run verify:compose [-- options]: the compose file, for real, without pulling an image

Builds stand-ins for the official images from Debian packages, under the very names that docker-compose.yml and the
Dockerfile use; builds the four services with the unmodified Dockerfile; brings the stack up in a Docker engine of its
own, plays the story through it, scales it, stops it, starts it again, and removes everything. Needs root, a Debian or
Ubuntu with debootstrap, docker.io, docker-compose and iptables, and the network for packages; takes 5 to 10 minutes.

  --database <kind>    what stands for MySQL: mariadb (default), or mysql, the newer one of Debian unstable
  --node <image>       what the services are built on (default: node:24-trixie-slim)
  --compose <command>  docker-compose (default), or "docker compose"
  --archives <folder>  keeps the stand-ins there, and takes them from there
  --minutes <n>        gives up after this time (default: 20)
  --help

Exit codes:
  0   all of it worked
  1   something did not; it is named
  2   wrong use
  69  something needed is not on this machine
`

const { values: args } = parseArgs({
  options: {
    database: { type: 'string', default: 'mariadb' },
    node: { type: 'string', default: 'node:24-trixie-slim' },
    compose: { type: 'string', default: 'docker-compose' },
    archives: { type: 'string' },
    minutes: { type: 'string', default: '20' },
    help: { type: 'boolean', default: false },
  },
})

const startMs = performance.now()
const root = fileURLToPath(new URL('../../../', import.meta.url))
const say = (text: string): void => {
  const time = ((performance.now() - startMs) / 1_000).toFixed(0).padStart(4)
  console.log(
    text
      .split('\n')
      .map((line, index) => `${index === 0 ? `${time} s ` : '       '} ${line}`)
      .join('\n'),
  )
}
const step = (title: string): void => say(`== ${title}`)

if (args.help) process.stdout.write(usage)
else process.exitCode = await run()

async function run(): Promise<number> {
  const { database, minutes } = args
  if ((database !== 'mariadb' && database !== 'mysql') || !(Number(minutes) > 0)) {
    console.error(usage)
    return 2
  }
  const missing = lacking()
  if (missing.length > 0) {
    console.error(`This needs ${missing.join(', ')}.`)
    return exitCode.unavailable
  }
  const signal = endingSignal(Number(minutes) * 60_000)
  const folder = await mkdtemp(join(tmpdir(), 'hydra-verify-'))
  let docker: PrivateDocker | undefined
  let compose: Compose | undefined
  let failed = false
  try {
    step('stand-ins for the official images, from Debian packages')
    const archives = args.archives ?? join(folder, 'archives')
    const images = await makeImages({ folder, archives, database, nodeImage: args.node, signal, say })
    step('a Docker engine of its own')
    docker = await startPrivateDocker(join(folder, 'docker'), signal)
    const { env, inside } = docker
    say(
      await shell(
        ['docker', 'version', '--format', 'client {{.Client.Version}}, engine {{.Server.Version}}'],
        { signal, env },
      ),
    )
    for (const image of images) say(await importImage(image, env, signal))
    compose = await composeOf(folder, env, signal)
    await buildImages(compose)
    await playCompose({ compose, inside, signal, step, found: say })
  } catch (error) {
    failed = true
    say(`FAILED: ${error instanceof Error ? error.message : String(error)}`)
    // Nothing to be had when the time is over: every command is refused by then.
    const complaints = await compose?.complaints().catch(() => '')
    if (complaints) say(complaints)
  } finally {
    step('clean up')
    await docker?.stop()
    await rm(folder, { recursive: true, force: true })
    say('the engine has ended; its folder is removed')
  }
  say(failed ? 'FAILED' : 'All of it worked.')
  return failed ? 1 : 0
}

/** What this machine lacks. */
function lacking(): readonly string[] {
  const tools = [
    'debootstrap',
    'dockerd',
    'docker',
    args.compose.split(' ')[0] ?? '',
    'iptables',
    'ip',
    'unshare',
    'nsenter',
    'npm',
    'git',
  ]
  const absent = tools.filter(
    (name) => !(name.includes('/') ? existsSync(name) : findBinary(name, { PATH: process.env['PATH'] })),
  )
  return process.getuid?.() === 0 ? absent : ['root', ...absent]
}

/** Aborts when the time is over, or the first signal comes. */
function endingSignal(timeoutMs: number): AbortSignal {
  const interrupted = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => interrupted.abort(new Error(`interrupted by ${name}`)))
  return AbortSignal.any([interrupted.signal, AbortSignal.timeout(timeoutMs)])
}

async function importImage(made: MadeImage, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<string> {
  const changes = made.changes.flatMap((change) => ['--change', change])
  await shell(['docker', 'import', ...changes, made.archive, made.image], { signal, env })
  return `${made.image}: stand-in imported`
}

async function composeOf(folder: string, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<Compose> {
  await mkdir(folder, { recursive: true })
  const envFile = join(folder, 'env')
  // Some engines, such as one in a container, may not raise the limit of open files: what they have is enough here.
  const openFiles = Math.min(65_536, Number(await shell(['sh', '-c', 'ulimit -Hn'], { signal })) || 65_536)
  const settings = { NODE_IMAGE: args.node, OPEN_FILES: openFiles, EDGE_MAXCONN: Math.floor(openFiles / 3) }
  await writeFile(
    envFile,
    Object.entries(settings)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  )
  const file = join(root, 'docker-compose.yml')
  return new Compose({ command: args.compose.split(' '), file, envFile, project: 'hydra', env, signal })
}

/** The four images, and how much of each is not its base. */
async function buildImages(compose: Compose): Promise<void> {
  step('docker-compose build')
  await compose.run('build')
  const mebibytes = async (image: string): Promise<number> =>
    Number(await compose.docker('image', 'inspect', '--format', '{{.Size}}', image)) / 2 ** 20
  const base = await mebibytes(args.node)
  for (const service of services) {
    const size = await mebibytes(`hydra/${service}:latest`)
    const user = await compose.docker(
      'image',
      'inspect',
      '--format',
      '{{.Config.User}}',
      `hydra/${service}:latest`,
    )
    say(`hydra/${service}: ${(size - base).toFixed(1)} MiB over its base, user ${user}`)
  }
}
