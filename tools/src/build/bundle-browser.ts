import { build, type Format, type Plugin } from 'esbuild'
import { isBuiltin } from 'node:module'
import { gzipSync } from 'node:zlib'

/** Everything that a game in a browser needs: the client and, with the contracts, the protocol. */
const entry = `export * from '@hydra/client'\nexport * from '@hydra/protocol'\n`

/** Fails a bundle for browsers that asks for a module of Node, and names who asked. */
export const refuseNodeModules: Plugin = {
  name: 'refuse-node-modules',
  setup(build) {
    build.onResolve({ filter: /.*/ }, ({ path }) =>
      isBuiltin(path) ? { errors: [{ text: `"${path}" exists in Node only.` }] } : undefined,
    )
  },
}

/** A bundle in memory. */
export interface BrowserBundle {
  readonly code: string
  readonly sourceMap: string
  readonly bytes: number
  readonly gzipBytes: number
}

/**
 * Bundles libs/client and libs/protocol for browsers, minified, into one file without imports.
 *
 * @throws Error (esbuild's) that names file and import when something does not run in browsers.
 * @example const { code } = await bundleForBrowser({ root: process.cwd(), format: 'esm' })
 */
export async function bundleForBrowser(options: { root: string; format: Format }): Promise<BrowserBundle> {
  const { outputFiles } = await build({
    stdin: {
      contents: entry,
      resolveDir: `${options.root}/tools`,
      sourcefile: 'hydra-client.ts',
      loader: 'ts',
    },
    outfile: `${options.root}/dist/browser/hydra-client.js`,
    bundle: true,
    write: false,
    platform: 'browser',
    conditions: ['source', 'browser'],
    target: 'es2022',
    format: options.format,
    ...(options.format === 'iife' ? { globalName: 'hydra' } : {}),
    minify: true,
    sourcemap: 'linked',
    legalComments: 'none',
    logLevel: 'silent',
    plugins: [refuseNodeModules],
  })
  const textOf = (ending: string) => outputFiles.find(({ path }) => path.endsWith(ending))?.text
  const code = textOf('.js')
  const sourceMap = textOf('.js.map')
  if (code === undefined || sourceMap === undefined) throw new Error('esbuild returned no bundle')
  return { code, sourceMap, bytes: Buffer.byteLength(code), gzipBytes: gzipSync(code, { level: 9 }).length }
}
