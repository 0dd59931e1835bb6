import { missingServers } from './servers/find-binary.ts'
import { isEmbedded, serverKinds, type Environment } from './test-env.ts'

/** Test files of this name start, kill and freeze servers of their own. */
const serverTests = '**/*.servers.test.ts'

/**
 * Patterns of the test files that this run cannot have: those that start servers of their own, in embedded mode and on
 * machines which only have urls of servers. For vitest's `exclude`.
 *
 * @throws TestServerError `ENVIRONMENT_WRONG`
 * @example leftOutTests({ HYDRA_TEST_BACKENDS: 'embedded' }) // ['**\/*.servers.test.ts']
 */
export const leftOutTests = (env: Environment = process.env): string[] =>
  isEmbedded(env) || missingServers(serverKinds, env).length > 0 ? [serverTests] : []
