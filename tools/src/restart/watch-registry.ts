import type { Service } from '@hydra/protocol'
import type { ServerRecord } from '@hydra/rpc'
import { exitCode, type Environment } from '@hydra/runtime'
import { ClusterError } from '../cluster/cluster-error.ts'
import type { ClusterState } from '../cluster/cluster-state.ts'
import { openRegistry, silenceOf } from '../status/read-registry.ts'

/** Through which services find each other, seen from the side. */
export interface RegistryView {
  list(service: Service): readonly Pick<ServerRecord, 'id' | 'state'>[]
  close(): Promise<void>
}

/** Connects to the registry of a running cluster. @throws ClusterError (exit code 69) when it does not answer */
export async function watchRegistry(
  state: ClusterState,
  root: string,
  env: Environment,
): Promise<RegistryView> {
  try {
    const opened = await openRegistry(state, root, env)
    return { list: (service) => opened.registry.list(service), close: () => opened.close() }
  } catch (cause) {
    const sentence = `The registry cannot be read: ${silenceOf(cause)}.`
    throw new ClusterError(`${sentence} Nothing was restarted.`, exitCode.unavailable, { cause })
  }
}
