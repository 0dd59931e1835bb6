import { roleElsewhere } from '@hydra/persistence'
import type { SceneInfo } from '@hydra/protocol'
import type { ActorSession } from '../../actor/role-session.ts'
import type { Game } from '../../game.ts'
import { waitBriefly } from '../../wait-briefly.ts'
import type { Elsewhere } from './world.ts'

/** What a role has earned here is waited for so long before it goes: usually it is stored by then. */
const rewardsMs = 1_000

/**
 * What a request is answered that has brought its role into a scene. If the scene is on another server, the role is saved
 * and given up here first, and the answer has the gate send the request there. After the role's turn, never within it.
 *
 * @throws HydraError `ROLE_ELSEWHERE` when the role is free for the other server; `SESSION_ENDED`, `STORAGE_UNAVAILABLE`
 * when it stays here.
 */
export async function arrived(
  { actors, rewards, clock }: Pick<Game, 'actors' | 'rewards' | 'clock'>,
  session: ActorSession & { readonly rid: string },
  arrival: SceneInfo | Elsewhere,
): Promise<SceneInfo> {
  if (!('server' in arrival)) return arrival
  const { rid } = session
  // What it has earned here is given here; on the other server nobody knows of it.
  await waitBriefly(clock, rewardsMs, rewards.settled(rid))
  await actors.handOver(rid, session, arrival.server)
  throw roleElsewhere(rid, arrival.server)
}
