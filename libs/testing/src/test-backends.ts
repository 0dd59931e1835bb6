import { isEmbedded, serverKinds, urlVariables, type Environment } from './test-env.ts'
import { TestServerError } from './test-server-error.ts'

/** Urls of the servers shared by all test files of a run; none of them in embedded mode. */
export interface TestBackends {
  /** Server level, `mysql://user:password@host:port`: the user may create databases, each test file makes its own. */
  readonly mysqlUrl?: string
  readonly redisUrl?: string
  readonly natsUrl?: string
  readonly etcdUrl?: string
}

/**
 * What a test file builds its list of drivers from. In embedded mode the real drivers are simply not in the list, so
 * nothing is skipped. The servers are shared: take names from {@link uniqueName} and never flush or drop what is not
 * yours.
 *
 * @throws TestServerError `ENVIRONMENT_WRONG` when a url is missing, that is, when the test was not started through
 * the root vitest.config.ts
 * @example
 * const { redisUrl } = testBackends()
 * const drivers = [
 *   { name: 'memory', open: () => openMemoryStore() },
 *   ...(redisUrl === undefined ? [] : [{ name: 'redis', open: () => openRedisStore(redisUrl) }]),
 * ]
 * describe.each(drivers)('session store on $name', ({ open }) => sessionStoreContract(open))
 */
export const testBackends = (env: Environment = process.env): TestBackends => {
  if (isEmbedded(env)) return {}
  const [mysqlUrl, redisUrl, natsUrl, etcdUrl] = serverKinds.map((kind) => {
    const url = env[urlVariables[kind]]
    if (url !== undefined && url !== '') return url
    throw new TestServerError(
      'ENVIRONMENT_WRONG',
      `${urlVariables[kind]} is not set. Run the tests through the root vitest.config.ts, whose global setup ` +
        'starts the servers.',
    )
  })
  return {
    ...(mysqlUrl === undefined ? {} : { mysqlUrl }),
    ...(redisUrl === undefined ? {} : { redisUrl }),
    ...(natsUrl === undefined ? {} : { natsUrl }),
    ...(etcdUrl === undefined ? {} : { etcdUrl }),
  }
}
