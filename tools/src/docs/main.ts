import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { generateDocs, operationsPath } from './generate-docs.ts'

const usage = `npm run docs [-- options]: writes the generated documentation and data/conf

  --check  write nothing; exit 1 and name the files that are stale
  --root   the workspace (default: the one of this program)
  --help

Exit codes:
  0  up to date, or written
  1  stale (--check)
`

const { values: args } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    root: { type: 'string', default: join(import.meta.dirname, '../../..') },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

if (args.help) process.stdout.write(usage)
else process.exitCode = await run(args.root, args.check)

async function run(root: string, check: boolean): Promise<number> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
  const stale: string[] = []
  const operationsPage = await readFile(join(root, operationsPath), 'utf8')
  for (const [path, content] of generateDocs({ version, operationsPage })) {
    if ((await currentContent(join(root, path))) !== content) stale.push(path)
    if (!check) await write(join(root, path), content)
  }
  if (stale.length === 0) {
    process.stdout.write('The generated documentation is up to date.\n')
    return 0
  }
  if (!check) {
    process.stdout.write(`Written: ${stale.join(', ')}\n`)
    return 0
  }
  process.stderr.write(`Stale: ${stale.join(', ')}. Run "npm run docs" and commit the result.\n`)
  return 1
}

async function write(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
}

/** `undefined` when there is no such file yet. */
async function currentContent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
