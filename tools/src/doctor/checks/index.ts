import type { Check } from '../check.ts'
import { clusterStateCheck } from './cluster-state.ts'
import { composeCheck, dockerCheck } from './docker.ts'
import { nodeCheck } from './node.ts'
import { packagesCheck } from './packages.ts'
import { portsCheck } from './ports.ts'
import { clusterServersCheck, testServerChecks } from './servers.ts'
import { diskCheck, memoryCheck, openFilesCheck, tempCheck } from './space.ts'
import { webSocketCheck } from './web-socket.ts'

/** Everything that doctor looks at, in the order in which it is told. */
export const allChecks: readonly Check[] = [
  nodeCheck,
  packagesCheck,
  webSocketCheck,
  portsCheck,
  diskCheck,
  ...testServerChecks,
  tempCheck,
  clusterServersCheck,
  clusterStateCheck,
  openFilesCheck,
  memoryCheck,
  dockerCheck,
  composeCheck,
]
