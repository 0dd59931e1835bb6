import { fileURLToPath } from 'node:url'
import { TestServerError } from '@hydra/testing'
import { Interrupted, interruptSignal } from './interrupt.ts'
import { runTests } from './run-tests.ts'

const help = `usage: npm test [-- <arguments for vitest>]

Without arguments: format, lint, module boundaries, typecheck, generated documents, build, and all tests. Format, lint,
boundaries and documents are reported and the rest runs all the same; a failed typecheck or build ends the run.
With arguments: vitest alone, for example  npm test -- libs/rpc --coverage

The tests run against real servers and against the embedded drivers. The servers are
  1. those given by HYDRA_TEST_MYSQL_URL, HYDRA_TEST_REDIS_URL, HYDRA_TEST_NATS_URL, HYDRA_TEST_ETCD_URL, each by itself;
  2. else private ones of what is installed (mariadbd, redis-server, nats-server, etcd) on free ports, their data in a
     temporary folder; HYDRA_TEST_SERVER_PATH names other folders to look for them;
  3. else, for root on Debian or Ubuntu, those of the Debian packages, which are installed first.
HYDRA_TEST_BACKENDS=embedded npm test  goes without and says what it left out.

Nothing is left running or on disk, also after Ctrl-C. The last line is "N passed, N failed".
Exit code: 0 when all is well, 1 when not, 130 after Ctrl-C, 143 after SIGTERM.`

const print = (text: string): void => {
  console.log(text)
}

const main = async (args: readonly string[]): Promise<number> => {
  if (args.includes('--help') || args.includes('-h')) {
    print(help)
    return 0
  }
  const root = fileURLToPath(new URL('../../../', import.meta.url))
  const signal = interruptSignal()
  try {
    return await runTests({ root, vitestArgs: args, signal, print })
  } catch (error) {
    // Something that broke because of the interruption tells nothing.
    const reason: unknown = signal.aborted ? signal.reason : error
    if (reason instanceof Interrupted) {
      print(`\n${reason.message} Everything was taken down.`)
      return reason.exitCode
    }
    if (reason instanceof TestServerError) {
      print(reason.message)
      return 1
    }
    throw reason
  }
}

process.exit(await main(process.argv.slice(2)))
