import {
  isEmbedded,
  kindsToStart,
  serverKinds,
  serverPathVariable,
  urlVariables,
  type Environment,
  type ServerKind,
} from '@hydra/testing'
import type { Machine } from './machine.ts'

/** Where a run gets its servers from. */
export type BackendsPlan =
  /** None: every test runs on the embedded drivers. */
  | { readonly kind: 'embedded' }
  /** `start` are started here, the others are given by url. */
  | { readonly kind: 'servers'; readonly start: readonly ServerKind[]; readonly given: readonly ServerKind[] }
  /** As `servers`, once the packages of `missing` are installed. */
  | { readonly kind: 'install'; readonly missing: readonly ServerKind[] }
  /** A person has to do something; `message` says what. */
  | { readonly kind: 'impossible'; readonly message: string }

/** How people call the servers. */
export const serverTitles: Readonly<Record<ServerKind, string>> = {
  mysql: 'MariaDB',
  redis: 'Redis',
  nats: 'NATS',
  etcd: 'etcd',
}

/** What Homebrew calls them. */
export const brewNames: Readonly<Record<ServerKind, string>> = {
  mysql: 'mariadb',
  redis: 'redis',
  nats: 'nats-server',
  etcd: 'etcd',
}

/** What Debian and Ubuntu call them. */
export const debianNames: Readonly<Record<ServerKind, string>> = {
  mysql: 'mariadb-server',
  redis: 'redis-server',
  nats: 'nats-server',
  etcd: 'etcd-server',
}

/** What the url of each looks like. */
export const exampleUrls: Readonly<Record<ServerKind, string>> = {
  mysql: 'mysql://user:password@127.0.0.1:3306',
  redis: 'redis://127.0.0.1:6379',
  nats: 'nats://127.0.0.1:4222',
  etcd: 'http://127.0.0.1:2379',
}

/**
 * Decides, without touching anything: what the environment gives, else what is installed, else an installation, else an
 * explanation.
 *
 * @example planBackends(thisMachine())
 */
export const planBackends = ({ env, missing, canInstall }: Machine): BackendsPlan => {
  if (isEmbedded(env)) return { kind: 'embedded' }
  const start = kindsToStart(env)
  const lacking = start.filter((kind) => missing.includes(kind))
  if (lacking.length === 0) {
    return { kind: 'servers', start, given: serverKinds.filter((kind) => !start.includes(kind)) }
  }
  if (mayInstall(env, canInstall)) return { kind: 'install', missing: lacking }
  return { kind: 'impossible', message: explainTests(lacking, env) }
}

/** Folders that a person named are not where packages go. */
export const mayInstall = (env: Environment, canInstall: boolean): boolean =>
  canInstall && env[serverPathVariable] === undefined

const explainTests = (lacking: readonly ServerKind[], env: Environment): string =>
  [
    `The tests run against real servers; ${notInstalled(lacking, env)}`,
    'Do one of these and run npm test again:',
    '',
    ...waysToInstall(lacking),
    '  or name servers that run and hold nothing of value:',
    ...lacking.map((kind) => `    ${urlVariables[kind]}=${exampleUrls[kind]}`),
    '  or go without, on the embedded drivers only:',
    '    HYDRA_TEST_BACKENDS=embedded npm test',
  ].join('\n')

/** The servers that were looked for and not found, for the middle of a sentence. */
export const notInstalled = (lacking: readonly ServerKind[], env: Environment): string => {
  const only = env[serverPathVariable]
  const list = lacking.map((kind) => serverTitles[kind]).join(', ')
  const where = only === undefined ? '' : `\n(${serverPathVariable} is set: looked in ${only} only.)`
  return `not installed here: ${list}.${where}`
}

/** How a person installs servers, a line for each system. */
export const waysToInstall = (lacking: readonly ServerKind[]): readonly string[] => {
  const names = (of: Readonly<Record<ServerKind, string>>): string =>
    lacking.map((kind) => of[kind]).join(' ')
  return [
    '  install them, they need not run:',
    `    Debian, Ubuntu   sudo apt-get install --no-install-recommends ${names(debianNames)}`,
    `    macOS            brew install ${names(brewNames)}`,
  ]
}
