/** Who came to a team and who went. */
export interface TeamChange {
  readonly joined: readonly string[]
  readonly left: readonly string[]
}

/**
 * The teams as game has told chat: who may speak in the channel of which. Redis or memory; both pass
 * `chat-teams.contract.ts`. A team that nobody changes for {@link chatTeamLimits.keepMs} is forgotten: its game server
 * has died without a word, or it would have been disbanded.
 */
export interface ChatTeams {
  /**
   * The members of a team are these from now on; nobody: the team is no more. A role is in one team at most: it leaves
   * the one it was in. Answers what has changed, with whoever else has left since the last {@link settled} one; of a
   * change that is made already all members have come. `undefined` when a larger version is known, or this one with others.
   */
  replace(teamId: string, version: number, rids: readonly string[]): Promise<TeamChange | undefined>
  /** Gates have been told of everything up to a version: who had left by then need not be told of again. */
  settled(teamId: string, version: number): Promise<void>
  /** The team of a role. */
  teamOf(rid: string): Promise<string | undefined>
}

/** Bounds that are not a matter of configuration. */
export const chatTeamLimits = Object.freeze({
  keepMs: 86_400_000,
  /** Roles that have left a team and whose gates may not know it: the latest. */
  leftMax: 256,
})
