#!/usr/bin/env node
// The `hydra` command: starts a command of this repository from its TypeScript source: npx hydra <command> [arguments]
// Plain JavaScript, and no import from node_modules before it is known to be there: this file has to be able to say
// what is missing. The command runs in this very process, which saves 0.1 s and leaves signals alone.
import { existsSync, rmSync } from 'node:fs'
import { register } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

const commands = {
  dev: 'all four services in one process on embedded backends; --demo plays the story and ends',
  build: 'one deployable bundle per service in dist/',
  up: 'a local cluster of separate processes on real servers; --gate 2 --game 3 … says how many',
  down: 'drains and stops that cluster, leaves no process and no port behind',
  status: 'what runs of that cluster, and how it is',
  restart: 'restarts its services one at a time, while players go on',
  logs: 'what its services and servers say',
  migrate: 'the tables of the database: up, down, status',
  demo: 'plays the story against running services',
  bots: 'players by script, with live progress and a latency histogram at the end',
  repl: 'a client to type into: any route, with completion and help from the contracts',
  doctor: 'what this machine lacks for each use of Hydra, and how to get it',
  test: 'everything that proves the project',
  chaos: 'kills processes under load and checks that nothing is lost',
  docs: 'writes what is generated; --check fails when it is stale',
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
  const help = [
    'usage: npx hydra <command> [arguments]',
    '',
    ...list,
    '',
    'npx hydra <command> --help explains the command, its options and its exit codes.',
  ].join('\n')
  if (['--help', '-h', 'help'].includes(command)) {
    process.stdout.write(`${help}\n`)
    process.exit(0)
  }
  const complaint = command === '' ? 'No command given.' : `Unknown command "${command}".`
  fail(exitCode.usage, `${complaint}\n\n${help}`)
}
if (!existsSync(new URL('node_modules/tsx', root))) {
  fail(exitCode.environment, 'The packages are not installed. Run "npm ci" first.')
}

if (process.env.npm_lifecycle_event !== undefined) endWithShell()
process.chdir(fileURLToPath(root))
const source = fileURLToPath(new URL(`tools/src/${command}/main.ts`, root))
process.argv = [process.argv[0], source, ...args]
// Bundling takes about as long for everything as compiling file by file does for a third of it.
try {
  await (['dev', 'demo'].includes(command) ? runBundled() : runFromSource())
} catch (error) {
  if (!String(error?.code).startsWith('ERR_PARSE_ARGS')) throw error
  fail(exitCode.usage, `${error.message}\nnpx hydra ${command} --help explains the options.`)
}

/** npm passes a signal on to its shell, which dies of it and leaves this process behind: take that as the signal. */
function endWithShell() {
  const shell = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === shell) return
    clearInterval(timer)
    process.kill(process.pid, 'SIGTERM')
  }, 250).unref()
}

async function runBundled() {
  const { build } = await import('esbuild')
  const outfile = fileURLToPath(new URL(`.hydra/run/${command}-${process.pid}.mjs`, root))
  process.setSourceMapsEnabled(true)
  await build({
    entryPoints: [source],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['source'],
    external: ['uWebSockets.js', 'etcd3', 'msgpackr-extract', 'libsql'],
    banner: {
      js: "import { createRequire as hydraCreateRequire } from 'node:module'; const require = hydraCreateRequire(import.meta.url);",
    },
    sourcemap: 'inline',
    sourcesContent: false,
    logLevel: 'warning',
  })
  const running = import(pathToFileURL(outfile).href)
  // Loaded by the time the first timer fires; a process that is killed later leaves nothing behind.
  setTimeout(() => rmSync(outfile, { force: true }), 1_000).unref()
  process.on('exit', () => rmSync(outfile, { force: true }))
  await running
}

async function runFromSource() {
  // The tests promise to leave nothing on disk, and tsx keeps what it has compiled.
  if (command === 'test') process.env.TSX_DISABLE_CACHE = '1'
  const tsx = await import('tsx/esm/api')
  tsx.register()
  register('./source-condition.mjs', import.meta.url)
  await import(pathToFileURL(source).href)
}
