import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { services, type Service } from '@hydra/protocol'
import { build, type BuildOptions, type Metafile } from 'esbuild'

/** Where to build from and to. */
export interface BuildServiceOptions {
  readonly service: Service
  /** The workspace; this one when absent. */
  readonly root?: string
  /** Made anew; `dist/<service>` of the workspace when absent. */
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

const workspace = fileURLToPath(new URL('../../../', import.meta.url))

/**
 * Builds one service as a folder to deploy: `main.mjs` with its source map, `package.json` with the packages that
 * `npm install --omit=dev` has to add, the default configuration under `data/conf`, and for game the design tables.
 *
 * @example await buildService({ service: 'http' }) // dist/http
 */
export async function buildService(options: BuildServiceOptions): Promise<BuiltService> {
  const { service, root = workspace, outDir = join(root, 'dist', service) } = options
  const main = join(outDir, 'main.mjs')
  await rm(outDir, { recursive: true, force: true })
  const { metafile } = await build({
    ...bundleSettings,
    entryPoints: [join(root, 'apps', service, 'src', 'main.ts')],
    outfile: main,
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
  return { outDir, main, externals }
}

const externalsOf = (metafile: Metafile): readonly string[] => {
  const imported = Object.values(metafile.outputs).flatMap(({ imports }) => imports)
  const names = imported.filter(({ external }) => external === true).map(({ path }) => path)
  return [...new Set(names)].filter((name) => outsideOfBundles.includes(name)).toSorted()
}

async function manifest(service: Service, externals: Readonly<Record<string, string>>, root: string) {
  const { version, license, engines } = await readManifest(join(root, 'package.json'))
  return {
    name: `hydra-${service}`,
    version,
    private: true,
    license,
    type: 'module',
    main: 'main.mjs',
    scripts: { start: 'node --enable-source-maps main.mjs' },
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
