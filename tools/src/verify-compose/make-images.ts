import { existsSync } from 'node:fs'
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { shell } from './shell.ts'
import { serverStandIns, stableSuite, type DatabaseKind, type StandIn } from './stand-ins.ts'

/** Where and for what to make stand-ins. */
export interface MakeImagesOptions {
  /** Scratch space, which the caller removes. */
  readonly folder: string
  /** Where finished archives are kept, and taken from. */
  readonly archives: string
  readonly database: DatabaseKind
  /** The tag that the Dockerfile builds on: its first number is the version of Node.js. */
  readonly nodeImage: string
  readonly signal: AbortSignal
  readonly say: (text: string) => void
}

/** A stand-in, ready for `docker import`. */
export interface MadeImage extends StandIn {
  readonly archive: string
}

const root = fileURLToPath(new URL('../../../', import.meta.url))
const makeRoot = fileURLToPath(new URL('stand-ins/make-root.sh', import.meta.url))

/**
 * Makes the archives of all stand-ins: a minimal Debian by `debootstrap`, over it each server's packages, and for the
 * services Node.js with npm and a cache in which `npm ci` finds everything without a network.
 *
 * @throws Error of the command that failed.
 */
export async function makeImages(options: MakeImagesOptions): Promise<readonly MadeImage[]> {
  const { folder, archives, database, signal, say } = options
  const base = join(folder, 'base')
  await mkdir(archives, { recursive: true })
  const standIns = [...serverStandIns(database), await nodeStandIn(options)]
  const made: MadeImage[] = []
  for (const standIn of standIns) {
    const archive = join(archives, `${standIn.name}-${standIn.suite}.tar`)
    made.push({ ...standIn, archive })
    if (existsSync(archive)) continue
    if (!existsSync(base)) {
      say(`debootstrap: a minimal Debian ${stableSuite}`)
      await shell(['debootstrap', '--variant=minbase', stableSuite, base], { signal })
      await writeFile(join(base, 'etc/hydra-suite'), `${stableSuite}\n`)
    }
    say(`${standIn.image}: ${standIn.packages.join(', ') || 'Node.js, npm and its cache'}`)
    const files = Object.entries(standIn.files).map(([from, to]) => `${from}=${to}`)
    const scratch = join(folder, standIn.name)
    await shell(
      [
        'unshare',
        '--mount',
        '--pid',
        '--fork',
        makeRoot,
        base,
        scratch,
        archive,
        standIn.suite,
        ...files,
        '--',
        ...standIn.packages,
      ],
      { signal },
    )
    await rm(scratch, { recursive: true, force: true })
  }
  await rm(base, { recursive: true, force: true })
  return made
}

/** Node.js in the version of the tag, from npm's registry, which has it for every platform. */
async function nodeStandIn({
  folder,
  archives,
  nodeImage,
  signal,
  say,
}: MakeImagesOptions): Promise<StandIn> {
  const [, major] = /:(\d+)/.exec(nodeImage) ?? []
  if (major === undefined)
    throw new Error(`${nodeImage} does not say which Node.js it has, as node:24-… does.`)
  const registry = await shell(['npm', 'config', 'get', 'registry'], { signal })
  const standIn = {
    name: `node${major}`,
    variable: 'NODE_IMAGE',
    image: nodeImage,
    packages: [],
    suite: stableSuite,
    changes: [
      'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'ENV npm_config_cache=/var/cache/npm npm_config_offline=true',
      `ENV npm_config_registry=${registry}`,
      'CMD ["node"]',
    ],
  }
  if (existsSync(join(archives, `${standIn.name}-${standIn.suite}.tar`))) return { ...standIn, files: {} }

  say(`Node.js ${major} and an npm cache for a build without a network`)
  const node = join(folder, 'node')
  await mkdir(node, { recursive: true })
  await shell(['npm', 'install', '--prefix', node, '--no-save', `node-linux-${process.arch}@${major}`], {
    signal,
  })
  const packages = await shell(['npm', 'root', '--global'], { signal })
  const cache = join(folder, 'npm-cache')
  await primeCache(join(folder, 'npm-workspace'), cache, signal)
  const npm = '/usr/local/lib/node_modules/npm'
  const starter = join(folder, 'npm-starter')
  await writeFile(starter, `#!/bin/sh\nexec node ${npm}/bin/npm-cli.js "$@"\n`, { mode: 0o755 })
  return {
    ...standIn,
    files: {
      [join(node, 'node_modules', `node-linux-${process.arch}`, 'bin/node')]: '/usr/local/bin/node',
      [join(packages, 'npm')]: npm,
      [starter]: '/usr/local/bin/npm',
      [cache]: '/var/cache/npm',
    },
  }
}

/** An installation in a folder with nothing but the manifests, as in the Dockerfile. */
async function primeCache(workspace: string, cache: string, signal: AbortSignal): Promise<void> {
  const manifests = await shell(
    ['git', '-C', root, 'ls-files', '*package.json', 'package-lock.json', '.npmrc'],
    { signal },
  )
  for (const file of manifests.split('\n')) {
    await mkdir(dirname(join(workspace, file)), { recursive: true })
    await cp(join(root, file), join(workspace, file))
  }
  await shell(['npm', 'ci', '--ignore-scripts', '--prefix', workspace, '--cache', cache], { signal })
  await rm(workspace, { recursive: true, force: true })
}
