import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { services, type Service } from '@hydra/protocol'
import { build, type BuildOptions, type Metafile } from 'esbuild'
import { ClusterError } from '../cluster/cluster-error.ts'
import { usageCode } from '../cluster/wanted.ts'

/** Where to build from and to. */
export interface BuildServiceOptions {
  readonly service: Service
  /** The workspace; this one when absent. */
  readonly root?: string
  /** A new folder or one of an earlier build; `dist/<service>` of the workspace when absent. */
  readonly outDir?: string
}

/** What was built. */
export interface BuiltService {
  readonly outDir: string
  /** Path of the program: `node main.mjs`. */
  readonly main: string
  /** Packages that stay outside of the bundle, with their exact versions. */
  readonly externals: Readonly<Record<string, string>>
}

/**
 * What a bundle cannot hold: native add-ons, and etcd3, which reads its .proto files when it runs. A service's folder
 * names those it really uses, with the version of this workspace.
 */
const outsideOfBundles = ['uWebSockets.js', 'etcd3', 'msgpackr-extract', 'libsql']

/** CommonJS packages inside an ES module still call `require`, for the packages of Node.js. */
const banner =
  "import { createRequire as hydraCreateRequire } from 'node:module'; const require = hydraCreateRequire(import.meta.url);"

/** How a program of Node.js becomes one file, wherever it comes from. */
export const bundleSettings = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  conditions: ['source'],
  external: outsideOfBundles,
  banner: { js: banner },
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
} satisfies BuildOptions

const mainFile = 'main.mjs'
const workspace = fileURLToPath(new URL('../../../', import.meta.url))

/**
 * Builds one service as a folder to deploy: `main.mjs` with its source map, `package.json` with the packages that
 * `npm install --omit=dev` has to add, the default configuration under `data/conf`, and for game the design tables.
 *
 * The folder is made anew: what an earlier build has left in it is removed when the new one is complete.
 *
 * @throws ClusterError when there is something else in the folder; Error of esbuild, which has told what is wrong by then
 * @example await buildService({ service: 'http' }) // dist/http
 */
export async function buildService(options: BuildServiceOptions): Promise<BuiltService> {
  const { service, root = workspace, outDir = join(root, 'dist', service) } = options
  await refuseForeignFolder(outDir, service)
  // Beside it, so that a build that fails leaves the former one, and source maps have the same paths.
  const next = `${outDir}.${process.pid}`
  const former = `${next}.former`
  try {
    // Of an interrupted one whose process had the same number.
    await rm(next, { recursive: true, force: true })
    const externals = await fill(next, service, root)
    // Moved and not removed in place: whoever interrupts this finds the folder whole or not at all.
    if (existsSync(outDir)) await rename(outDir, former)
    await rename(next, outDir)
    return { outDir, main: join(outDir, mainFile), externals }
  } finally {
    for (const left of [next, former]) await rm(left, { recursive: true, force: true })
  }
}

/**
 * What is in the folder is removed: only an earlier build may be.
 *
 * @throws ClusterError (exit code 2)
 */
async function refuseForeignFolder(outDir: string, service: Service): Promise<void> {
  const refuse = (what: string): never => {
    const advice = 'choose another folder with --out, or remove it yourself'
    throw new ClusterError(`${outDir} ${what}; a build would remove what is in it: ${advice}.`, usageCode)
  }
  if (!existsSync(outDir)) return
  if (!(await stat(outDir)).isDirectory()) refuse('is no folder')
  if ((await readdir(outDir)).length === 0) return
  const file = join(outDir, 'package.json')
  if (!existsSync(file)) refuse('is not empty and no earlier build')
  const name = await readManifest(file).then(
    (read) => read.name,
    () => undefined,
  )
  if (name !== nameOf(service))
    refuse(`is no earlier build (its package.json is not that of ${nameOf(service)})`)
}

/** Builds into a new folder. @returns the packages outside of the bundle */
async function fill(
  outDir: string,
  service: Service,
  root: string,
): Promise<Readonly<Record<string, string>>> {
  const { metafile } = await build({
    ...bundleSettings,
    entryPoints: [join(root, 'apps', service, 'src', 'main.ts')],
    outfile: join(outDir, mainFile),
    absWorkingDir: root,
    legalComments: 'linked',
    metafile: true,
  })
  const externals = await pinned(externalsOf(metafile), root)
  await writeFile(
    join(outDir, 'package.json'),
    `${JSON.stringify(await manifest(service, externals, root), null, 2)}\n`,
  )
  const configuration = join('data', 'conf', `${service}server.toml`)
  await mkdir(join(outDir, 'data', 'conf'), { recursive: true })
  await cp(join(root, configuration), join(outDir, configuration))
  const tables = join('data', 'tables')
  if (service === 'game') await cp(join(root, tables), join(outDir, tables), { recursive: true })
  return externals
}

/** In the manifest of a built folder, by which the next build knows it. */
const nameOf = (service: Service): string => `hydra-${service}`

const externalsOf = (metafile: Metafile): readonly string[] => {
  const imported = Object.values(metafile.outputs).flatMap(({ imports }) => imports)
  const names = imported.filter(({ external }) => external === true).map(({ path }) => path)
  return [...new Set(names)].filter((name) => outsideOfBundles.includes(name)).toSorted()
}

async function manifest(service: Service, externals: Readonly<Record<string, string>>, root: string) {
  const { version, license, engines } = await readManifest(join(root, 'package.json'))
  return {
    name: nameOf(service),
    version,
    private: true,
    license,
    type: 'module',
    main: mainFile,
    scripts: { start: `node --enable-source-maps ${mainFile}` },
    engines: { node: engines?.['node'] },
    dependencies: externals,
  }
}

/** The version of each package as the workspace pins it. @throws Error when it is not pinned exactly. */
async function pinned(names: readonly string[], root: string): Promise<Record<string, string>> {
  const wanted = await wantedVersions(root)
  return Object.fromEntries(
    names.map((name) => {
      const version = wanted.get(name)
      if (version === undefined || !/^(npm:.+@)?\d+\.\d+\.\d+$/.test(version)) {
        throw new Error(
          `${name} is outside of the bundles but not pinned to one version (${version ?? 'not named'})`,
        )
      }
      return [name, version]
    }),
  )
}

async function wantedVersions(root: string): Promise<ReadonlyMap<string, string>> {
  const wanted = new Map<string, string>()
  for (const group of ['apps', 'libs']) {
    for (const project of await readdir(join(root, group))) {
      const file = join(root, group, project, 'package.json')
      if (!existsSync(file)) continue
      const { dependencies, optionalDependencies } = await readManifest(file)
      for (const entry of Object.entries({ ...dependencies, ...optionalDependencies })) wanted.set(...entry)
    }
  }
  const { overrides } = await readManifest(join(root, 'package.json'))
  for (const entry of Object.entries(overrides ?? {})) wanted.set(...entry)
  return wanted
}

/** What is read of a package.json. */
interface Manifest {
  readonly name?: string
  readonly version?: string
  readonly license?: string
  readonly engines?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly overrides?: Readonly<Record<string, string>>
}

const readManifest = async (file: string): Promise<Manifest> =>
  JSON.parse(await readFile(file, 'utf8')) as Manifest

async function buildFromCommandLine(name: string | undefined): Promise<void> {
  const service = services.find((known) => known === name)
  if (service === undefined) {
    console.error(`build-service: which one? ${services.join(', ')}`)
    process.exitCode = 64
    return
  }
  const startMs = performance.now()
  const { outDir, externals } = await buildService({ service })
  const outside = Object.entries(externals).map((entry) => entry.join('@'))
  console.log(
    `${outDir} built in ${Math.round(performance.now() - startMs)} ms; outside: ${outside.join(', ') || 'nothing'}`,
  )
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await buildFromCommandLine(process.argv[2])
