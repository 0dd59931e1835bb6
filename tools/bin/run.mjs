#!/usr/bin/env node
// Starts a command of this repository from its TypeScript source: node tools/bin/run.mjs <command> [arguments]
// Plain JavaScript, and no import from node_modules before it is known to be there: this file has to be able to say
// what is missing. The command runs in this very process, which saves 0.1 s and leaves signals alone.
import { existsSync } from 'node:fs'
import { register } from 'node:module'
import { fileURLToPath } from 'node:url'

const commands = {
  start: 'all four services in one process on embedded backends; --demo plays the story and ends',
  demo: 'plays the story against running services',
  test: 'everything that proves the project; --help explains',
  migrate: 'brings the database to the newest schema',
  docs: 'writes the generated documentation; --check fails when it is stale',
}
const nodeMin = [20, 20]

const exitCode = { usage: 2, environment: 69 }
const root = new URL('../../', import.meta.url)
const [command = '', ...args] = process.argv.slice(2)

const fail = (code, message) => {
  process.stderr.write(`${message}\n`)
  process.exit(code)
}

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < nodeMin[0] || (major === nodeMin[0] && minor < nodeMin[1])) {
  fail(
    exitCode.environment,
    `Hydra needs Node.js ${nodeMin.join('.')} or newer; this is ${process.versions.node}.`,
  )
}
if (!Object.hasOwn(commands, command)) {
  const list = Object.entries(commands).map(([name, summary]) => `  ${name.padEnd(8)} ${summary}`)
  const complaint = command === '' ? 'No command given.' : `Unknown command "${command}".`
  fail(
    exitCode.usage,
    [complaint, '', 'usage: node tools/bin/run.mjs <command> [arguments]', '', ...list].join('\n'),
  )
}
if (!existsSync(new URL('node_modules/tsx', root))) {
  fail(exitCode.environment, 'The packages are not installed. Run "npm ci" first.')
}

// The tests promise to leave nothing on disk, and tsx keeps what it has compiled.
if (command === 'test') process.env.TSX_DISABLE_CACHE = '1'

const tsx = await import('tsx/esm/api')
tsx.register()
register('./source-condition.mjs', import.meta.url)

process.chdir(fileURLToPath(root))
const main = new URL(`tools/src/${command}/main.ts`, root)
process.argv = [process.argv[0], fileURLToPath(main), ...args]
await import(main.href)
