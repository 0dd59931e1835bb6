// Writes dist/browser/hydra-client.js: `node --conditions=source --import tsx tools/src/build/build-browser.ts`.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bundleForBrowser } from './bundle-browser.ts'

const root = join(import.meta.dirname, '../../..')
const target = join(root, 'dist/browser')

const { code, sourceMap, bytes, gzipBytes } = await bundleForBrowser({ root, format: 'esm' })
await mkdir(target, { recursive: true })
await writeFile(join(target, 'hydra-client.js'), code)
await writeFile(join(target, 'hydra-client.js.map'), sourceMap)

const kib = (count: number) => `${(count / 1_024).toFixed(1)} KiB`
console.log(`dist/browser/hydra-client.js: ${kib(bytes)}, ${kib(gzipBytes)} compressed`)
