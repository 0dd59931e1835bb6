import { urlVariables, type Environment, type ServerKind } from '@hydra/testing'
import { tryUrl } from './try-url.ts'

/**
 * Tries the servers that the environment names, so that a wrong url is one sentence at the start and not a hundred
 * failing tests.
 *
 * @returns one sentence for each that cannot be reached
 */
export const unreachable = async (
  given: readonly ServerKind[],
  env: Environment,
): Promise<readonly string[]> => {
  const complaints = await Promise.all(
    given.map(async (kind) => {
      const reason = await tryUrl(kind, env[urlVariables[kind]] ?? '')
      return reason === undefined ? [] : [`${urlVariables[kind]}: ${reason}`]
    }),
  )
  return complaints.flat()
}
