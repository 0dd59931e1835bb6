import { mkdir, symlink } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Service } from '@hydra/protocol'
import { build } from 'esbuild'
import { buildService, bundleSettings } from '../build/build-service.ts'
import type { ClusterFolder } from './cluster-folder.ts'
import type { UpRequest } from './messages.ts'

/** Programs that were built, by service. */
export type Programs = UpRequest['programs']

/**
 * Builds services into the cluster's folder. A build that fails leaves the former ones as they are.
 *
 * @throws Error of esbuild, which has told what is wrong by then
 */
export async function buildPrograms(
  folder: ClusterFolder,
  services: readonly Service[],
  root: string,
): Promise<Programs> {
  await prepareBundles(folder, root)
  const built = await Promise.all(
    services.map(async (service) => {
      const { main } = await buildService({ service, root, outDir: join(folder.bundlesDir, service) })
      return [service, { main, builtAtMs: Date.now() }] as const
    }),
  )
  return Object.fromEntries(built)
}

/**
 * Bundles the supervisor, so that it starts fast and goes on as it is while the sources change.
 *
 * @returns the path of its program
 */
export async function buildSupervisor(folder: ClusterFolder, root: string): Promise<string> {
  await prepareBundles(folder, root)
  const outfile = join(folder.bundlesDir, 'supervisor.mjs')
  await build({
    ...bundleSettings,
    absWorkingDir: root,
    entryPoints: [join(root, 'tools', 'src', 'cluster', 'supervisor', 'main.ts')],
    outfile,
  })
  return outfile
}

/** What bundles leave outside is found in the workspace, also when they are elsewhere. */
async function prepareBundles({ bundlesDir }: ClusterFolder, root: string): Promise<void> {
  await mkdir(bundlesDir, { recursive: true })
  const inWorkspace = !relative(root, bundlesDir).startsWith('..')
  const link = join(bundlesDir, 'node_modules')
  if (inWorkspace) return
  try {
    await symlink(join(root, 'node_modules'), link, 'junction')
  } catch (error) {
    // From before, or made by what is built at the same time.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}
