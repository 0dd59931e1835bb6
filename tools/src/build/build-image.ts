// Makes the folder that a container image holds; run by the Dockerfile:
// node --conditions=source --import tsx tools/src/build/build-image.ts <service> <folder>
import { cp, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { services, type Service } from '@hydra/protocol'
import { build } from 'esbuild'
import { buildService, type BuiltService } from './build-service.ts'
import { neededPackages } from './needed-packages.ts'
import { fileFits, thisPlatform, type Platform } from './platform.ts'

/** What to put into an image. */
export interface BuildImageOptions {
  readonly service: Service
  /** Made anew. */
  readonly outDir: string
  /** Where the image runs; here when absent. */
  readonly platform?: Platform
}

const workspace = fileURLToPath(new URL('../../../', import.meta.url))

/**
 * Builds a service as a folder that needs nothing but Node.js: the bundle of {@link buildService}, `health-check.mjs`,
 * and under `node_modules` what stays outside of the bundle, as installed in this workspace, without what is for other
 * platforms (of uWebSockets.js alone 255 MB) or only for compilers and readers.
 *
 * @throws Error when a package is missing or another version than the pinned one is installed.
 */
export async function buildImage(options: BuildImageOptions): Promise<BuiltService> {
  const { service, outDir, platform = thisPlatform() } = options
  const built = await buildService({ service, outDir })
  const nodeModules = join(workspace, 'node_modules')
  for (const folder of await neededPackages(built.externals, nodeModules, platform)) {
    await copyPackage(join(nodeModules, folder), join(outDir, 'node_modules', folder), platform)
  }
  await build({
    entryPoints: [join(workspace, 'tools/src/build/health-check.ts')],
    outfile: join(outDir, 'health-check.mjs'),
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
  })
  return built
}

/** Directories and files of uWebSockets.js besides its add-ons that are used at run time. */
const usedOfUws = /^(package\.json|uws\.js|ESM_wrapper\.mjs|LICENSE|.*\.node)$/

/** For compilers, debuggers and readers. */
const unused = /\.(d\.[cm]?ts|map|md|markdown)$/i

async function copyPackage(from: string, to: string, platform: Platform): Promise<void> {
  await cp(from, to, {
    recursive: true,
    filter: (source) => {
      if (source === from) return true
      const name = basename(source)
      // Packages inside of it are copied by themselves, if they are needed.
      if (name === 'node_modules') return false
      if (basename(from) === 'uWebSockets.js' && dirname(source) === from && !usedOfUws.test(name))
        return false
      return !unused.test(name) && fileFits(name, platform)
    },
  })
}

/**
 * Loads each native add-on of a built folder, in a process of the platform that it was built for: a C library that is
 * too old for it would otherwise show when a service starts, or not at all, because the gate then falls back to `ws`.
 *
 * @throws Error naming the package and why it does not load.
 */
export function checkAddOns({ outDir, externals }: BuiltService): void {
  const require = createRequire(join(outDir, 'main.mjs'))
  for (const name of Object.keys(externals)) {
    try {
      require(name)
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new Error(
        `${name} does not load with Node.js ${process.versions.node} on this system; choose another NODE_IMAGE: ${reason}`,
        { cause },
      )
    }
  }
}

async function buildFromCommandLine([name, folder]: readonly string[]): Promise<void> {
  const service = services.find((known) => known === name)
  if (service === undefined || folder === undefined) {
    console.error(`usage: build-image.ts <${services.join('|')}> <folder>`)
    process.exitCode = 2
    return
  }
  // Beside its place until it is whole, so that a build that fails leaves nothing that looks like one.
  const unfinished = `${folder}.unfinished`
  const built = await buildImage({ service, outDir: unfinished })
  checkAddOns(built)
  await rm(folder, { recursive: true, force: true })
  await rename(unfinished, folder)
  const outside = Object.entries(built.externals).map((entry) => entry.join('@'))
  console.log(`${folder}: ${service}, and outside of the bundle ${outside.join(', ') || 'nothing'}`)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await buildFromCommandLine(process.argv.slice(2))
