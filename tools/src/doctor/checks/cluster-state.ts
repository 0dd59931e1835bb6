import { join } from 'node:path'
import { parseState } from '../../cluster/cluster-state.ts'
import { ClusterError, clusterFolder, defaultClusterDir } from '../../cluster/index.ts'
import type { Check } from '../check.ts'

/** Whether a local cluster was started from this checkout, and is there. */
export const clusterStateCheck: Check = {
  use: 'local cluster',
  name: 'state',
  look: async ({ root, readText, answers }) => {
    const file = clusterFolder(join(root, defaultClusterDir)).stateFile
    const text = readText(file)
    if (text === undefined) {
      return { verdict: 'ok', detail: 'none was started here; npx hydra up starts one' }
    }
    let httpUrl: string | undefined
    try {
      httpUrl = parseState(text, file).httpUrl
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error
      return { verdict: 'hint', detail: error.message }
    }
    if (httpUrl !== undefined && (await answers(httpUrl))) {
      return { verdict: 'ok', detail: `runs at ${httpUrl}; npx hydra status says more` }
    }
    return {
      verdict: 'hint',
      detail: `was started here, and nothing answers at ${httpUrl ?? 'an address of http'}`,
      help: ['npx hydra status  says what is left of it', 'npx hydra down    clears it away'],
    }
  },
}
