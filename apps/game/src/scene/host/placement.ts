import { HydraError } from '@hydra/protocol'
import type { Registry, RpcPeer } from '@hydra/rpc'

/** What placement goes by. */
export interface PlacementOptions {
  readonly peer: Pick<RpcPeer, 'id' | 'pick'>
  readonly registry: Pick<Registry, 'connected'>
}

/**
 * Says on which game server a scene is: the same on each of them as long as they see the same registry, since each scene
 * goes by the rendezvous hash of its id. Servers that see different ones may have one instance each for a while.
 */
export class Placement {
  readonly #options: PlacementOptions

  constructor(options: PlacementOptions) {
    this.#options = options
  }

  /** Id of the server of a scene; this one, when there is no other. */
  serverOf(scene: string): string {
    const { peer } = this.#options
    try {
      return peer.pick({ type: 'game', key: `scene-${scene}` })
    } catch (error) {
      if (!HydraError.hasCode(error, 'NO_SERVER')) throw error
      return peer.id
    }
  }

  /** Whether a scene that is on this server belongs here. While the registry is away, nothing is taken to have changed. */
  isHere(scene: string): boolean {
    const { peer, registry } = this.#options
    return !registry.connected || this.serverOf(scene) === peer.id
  }
}
