import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { findBinary, leftOutTests, type Environment } from '@hydra/testing'
import { serverTitles, type BackendsPlan } from './backends.ts'

const drivers = [
  `database on ${serverTitles.mysql}`,
  `stores and role journal on ${serverTitles.redis}`,
  `bus on ${serverTitles.nats}`,
  `registry on ${serverTitles.etcd}`,
]

/** What the summary says about things that were not tested, one sentence each; nothing in a full run. */
export const leftOutSentences = (plan: BackendsPlan, root: string, env: Environment): readonly string[] => {
  const files = leftOutTests(env).length === 0 ? [] : serverTestFiles(root)
  return [
    ...(plan.kind === 'embedded'
      ? [
          `the real drivers of the shared suites: ${drivers.join(', ')}`,
          "the main job as four processes on real servers, and the services' own suites on them",
        ]
      : []),
    ...(findBinary('prometheus', env) === undefined || findBinary('promtool', env) === undefined
      ? ['alert rules and dashboard on a real Prometheus (the Debian package prometheus has it)']
      : []),
    ...files.map((file) => `${file}, which starts servers of its own`),
  ]
}

const serverTestFiles = (root: string): readonly string[] =>
  ['apps', 'libs', 'tools', 'benchmarks']
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) =>
        join(folder, file),
      ),
    )
    .filter((file) => file.endsWith('.servers.test.ts') && !file.includes('node_modules'))
    .sort()
