import type { Service } from '@hydra/protocol'
import { createRpcPeer, type ClusterDrivers, type RpcPeer } from '@hydra/rpc'
import { createMetrics, silentLogger, type Clock, type Ids } from '@hydra/runtime'

/** What a peer of a test needs. */
export interface TestPeerOptions {
  readonly type: Service
  readonly env: string
  readonly cluster: ClusterDrivers
  readonly clock: Clock
  readonly ids: Ids
}

/** A real peer that is announced once it serves what it is to serve. */
export async function openTestPeer(
  { type, env, cluster, clock, ids }: TestPeerOptions,
  serve: (peer: RpcPeer) => Promise<void> = () => Promise.resolve(),
): Promise<RpcPeer> {
  const id = ids.next()
  const metrics = createMetrics({ service: type })
  const peer = await createRpcPeer({
    self: { id, type },
    env,
    ...cluster,
    clock,
    ids,
    log: silentLogger,
    metrics,
  })
  await serve(peer)
  await cluster.registry.announce({
    id,
    type,
    zone: 'test',
    host: 'localhost',
    state: 'ready',
    metadata: {},
    startedAtMs: clock.nowMs(),
    protocol: 1,
  })
  return peer
}
